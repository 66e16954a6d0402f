//! Contents of many files into one piece of memory, read by a thread beside JavaScript's.
//!
//! - [`FileReader`]: `start`, `run` and `close` of [`Worker`]; a job fills one piece
//!
//! Whoever makes an archive knows from the sizes of the files where each byte will stand. So the
//! headers are written by the caller and the contents by this thread, which is one piece ahead of
//! who hashes and sends them. Paths are resolved beneath the root and through no link. Orders,
//! little-endian, as native/files/read.ts writes them:
//!
//!     order   u32 where in the piece, u32 how many bytes, i64 from where in the file,
//!             u32 length, path
//!
//! Sources: openat2(2), pread(2).

use super::beneath::{FOLDER, about, open_beneath, split};
use super::form::{Failed, Reader, at};
use super::worker::{Place, Worker};
use crate::refusal;
use napi::bindgen_prelude::Buffer;
use napi_derive::napi;
use rustix::fd::{BorrowedFd, OwnedFd};
use rustix::fs::{Mode, OFlags};
use rustix::io::{Errno, pread, retry_on_intr};

const AHEAD: usize = 1;

/// A fifo that somebody has put there must not keep us waiting.
const CONTENT: OFlags = OFlags::RDONLY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::NONBLOCK)
    .union(OFlags::CLOEXEC);

struct Source {
    root: OwnedFd,
    is_strict: bool,
    /// The folder and the file of the last order: archives stay in one.
    folder: Option<(Vec<u8>, OwnedFd)>,
    file: Option<(Vec<u8>, OwnedFd)>,
}

struct Filling {
    orders: Buffer,
    piece: Buffer,
}

impl Place for Source {
    type Job = Filling;

    fn carry_out(&mut self, job: &mut Filling) -> napi::Result<()> {
        let mut orders = Reader { bytes: &job.orders };
        while !orders.bytes.is_empty() {
            let (start, length) = (orders.u32()? as usize, orders.u32()? as usize);
            let offset = orders.i64()?.cast_unsigned();
            let path = orders.bytes32()?;
            let end = start.saturating_add(length);
            let place = job.piece.get_mut(start..end).ok_or(("read", Errno::FAULT));
            place
                .and_then(|place| self.fill(path, offset, place))
                .map_err(about(path))?;
        }
        Ok(())
    }
}

impl Source {
    fn fill(&mut self, path: &[u8], offset: u64, mut place: &mut [u8]) -> Result<(), Failed> {
        let is_strict = self.is_strict;
        let file = match self.open(path) {
            Ok(file) => file,
            Err((_, Errno::NOENT | Errno::NOTDIR | Errno::LOOP)) if !is_strict => {
                place.fill(0);
                return Ok(());
            }
            Err(failed) => return Err(failed),
        };
        let mut position = offset;
        while !place.is_empty() {
            let count =
                retry_on_intr(|| pread(file, &mut *place, position)).map_err(at("pread"))?;
            if count == 0 && is_strict {
                return Err(("pread", Errno::NODATA));
            }
            if count == 0 {
                place.fill(0);
                return Ok(());
            }
            position += count as u64;
            place = &mut place[count..];
        }
        Ok(())
    }

    fn open(&mut self, path: &[u8]) -> Result<&OwnedFd, Failed> {
        if !matches!(&self.file, Some((last, _)) if last == path) {
            let (above, name) = split(path);
            if !matches!(&self.folder, Some((last, _)) if last == above) {
                let folder = open_beneath(&self.root, above, FOLDER, Mode::empty())
                    .map_err(at("openat2"))?;
                self.folder = Some((above.to_vec(), folder));
            }
            let folder = self.folder.as_ref().map_or(&self.root, |(_, fd)| fd);
            let file = open_beneath(folder, name, CONTENT, Mode::empty()).map_err(at("openat2"))?;
            self.file = Some((path.to_vec(), file));
        }
        let file = self.file.as_ref().map(|(_, fd)| fd);
        file.ok_or(("openat2", Errno::NOENT))
    }
}

#[napi]
pub struct FileReader {
    worker: Worker<Source>,
}

#[napi]
impl FileReader {
    /// Of files beneath `root`, of which a descriptor of its own is kept. What a file does not
    /// hold any more, or one that is gone, is zeros, or refused if `is_strict`.
    #[napi(constructor)]
    pub fn new(root: i32, is_strict: bool) -> napi::Result<Self> {
        // SAFETY: the caller owns the descriptor.
        let fd = unsafe { BorrowedFd::borrow_raw(root) };
        let root = rustix::io::fcntl_dupfd_cloexec(fd, 0).map_err(refusal("fcntl", "F_DUPFD"))?;
        let source = Source {
            root,
            is_strict,
            folder: None,
            file: None,
        };
        Ok(Self {
            worker: Worker::new(source, AHEAD),
        })
    }

    /// Begins to fill a piece, which is whole once the next one was begun or `run` has come back.
    #[napi]
    pub fn start(&mut self, orders: Buffer, piece: Buffer) -> napi::Result<()> {
        self.worker.start(Filling { orders, piece })
    }

    /// Fills a piece after all that were begun before.
    #[napi]
    pub fn run(&mut self, orders: Buffer, piece: Buffer) -> napi::Result<()> {
        self.worker.run(&mut Filling { orders, piece })
    }

    /// No file is open any more once this has come back.
    #[napi]
    pub fn close(&mut self) {
        self.worker.close();
    }
}
