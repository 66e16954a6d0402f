//! Who makes the files of a batch: a thread beside the one that takes the archive apart.
//!
//! - [`FileWriter`]: `start`, `run` and `close` of [`Worker`], with batches for jobs
//!
//! An archive is hashed and read by one processor while the other one makes its files.

use super::batch::Folder;
use super::worker::{Place, Worker};
use crate::refusal;
use napi::bindgen_prelude::Buffer;
use napi_derive::napi;
use rustix::fd::BorrowedFd;

const AHEAD: usize = 8;

impl Place for Folder {
    type Job = Buffer;

    fn carry_out(&mut self, batch: &mut Buffer) -> napi::Result<()> {
        self.follow(batch)
    }
}

#[napi]
pub struct FileWriter {
    worker: Worker<Folder>,
}

#[napi]
impl FileWriter {
    /// Files will be made beneath `root`, of which a descriptor of its own is kept.
    #[napi(constructor)]
    pub fn new(root: i32) -> napi::Result<Self> {
        // SAFETY: the caller owns the descriptor.
        let fd = unsafe { BorrowedFd::borrow_raw(root) };
        let own = rustix::io::fcntl_dupfd_cloexec(fd, 0).map_err(refusal("fcntl", "F_DUPFD"))?;
        Ok(Self {
            worker: Worker::new(Folder::new(own), AHEAD),
        })
    }

    /// Hands a batch over. Its bytes must stay as they are until eight more were handed over, or
    /// until `run` or `close` has come back.
    #[napi]
    pub fn start(&mut self, batch: Buffer) -> napi::Result<()> {
        self.worker.start(batch)
    }

    /// Carries a batch out after all that were handed over before.
    #[napi]
    pub fn run(&mut self, mut batch: Buffer) -> napi::Result<()> {
        self.worker.run(&mut batch)
    }

    /// Nothing happens beneath the folder any more once this has come back.
    #[napi]
    pub fn close(&mut self) {
        self.worker.close();
    }
}
