//! Our end of the channel to the parent: reports go up, one byte comes down.
//!
//! - `say`: one report, one packet; a parent that is gone ends us
//! - `hand_over`: a report together with a descriptor (`SCM_RIGHTS`)
//! - `wait_for_go`: block until the parent answers
//! - `close`: the end of the channel, where no `execve` brings it
//!
//! Invariant: after any failed write or an end of file the process exits. A container whose
//! parent has died before the start must not start.

use crate::kernel;
use core::mem::MaybeUninit;
use rustix::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use rustix::io::{Errno, IoSlice};
use rustix::net::{SendAncillaryBuffer, SendAncillaryMessage, SendFlags};
use slipway_wire::{GO, INIT_FAILED, Report};

pub struct Channel(Option<OwnedFd>);

impl Channel {
    /// The channel at descriptor `fd`.
    ///
    /// # Safety
    /// `fd` is open and owned by nobody else.
    pub unsafe fn at(fd: RawFd) -> Self {
        // SAFETY: the caller's promise.
        Self(Some(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    /// `ssize_t sendmsg(int sockfd, const struct msghdr *msg, int flags)`
    pub fn say(&self, report: &Report) {
        self.send(report, &[]);
    }

    /// Says `report` and gives the parent a duplicate of `descriptor`.
    pub fn hand_over(&self, report: &Report, descriptor: impl AsFd) {
        self.send(report, &[descriptor.as_fd()]);
    }

    /// The parent hears no more: what it waits for has come about.
    pub fn close(&mut self) {
        self.0 = None;
    }

    fn end(&self) -> &OwnedFd {
        self.0.as_ref().unwrap_or_else(|| exit())
    }

    fn send(&self, report: &Report, descriptors: &[BorrowedFd<'_>]) {
        let Ok(text) = serde_json::to_vec(report) else {
            exit()
        };
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        if !descriptors.is_empty() {
            ancillary.push(SendAncillaryMessage::ScmRights(descriptors));
        }
        // NOSIGNAL: a dead parent is an error to see, not a SIGPIPE that a PID 1 would ignore.
        let sent = rustix::io::retry_on_intr(|| {
            let parts = [IoSlice::new(&text)];
            rustix::net::sendmsg(self.end(), &parts, &mut ancillary, SendFlags::NOSIGNAL)
        });
        if sent.is_err() {
            exit()
        }
    }

    /// `ssize_t read(int fd, void *buf, size_t count)`: blocks until the parent says go.
    pub fn wait_for_go(&self) {
        let mut answer = [0];
        loop {
            match rustix::io::read(self.end(), &mut answer) {
                Ok(1) if answer[0] == GO => return,
                Err(Errno::INTR) => {}
                _ => exit(),
            }
        }
    }
}

fn exit() -> ! {
    kernel::exit(INIT_FAILED)
}
