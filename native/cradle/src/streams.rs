//! Descriptors 0, 1 and 2 of a child, and the ends that its parent keeps.
//!
//! - [`Streams::open`]: opens pipes and `/dev/null`; what the child gets is closed here when the
//!   value goes, and so are the parent's ends unless they have been taken
//!
//! A stream of the caller's that is closed becomes `/dev/null`: an application whose descriptor 1
//! is missing would write its output into the first file that it opens.
//! Sources: pipe(2), null(4).

use crate::refused::{Refused, refusal};
use alloc::format;
use alloc::vec::Vec;
use rustix::fd::{AsRawFd, BorrowedFd, OwnedFd, RawFd};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::pipe::PipeFlags;

/// What stands in place of a descriptor; `native/process/stdio.ts` says the same.
const INHERIT: i32 = -1;
const NULL: i32 = -2;
const PIPE: i32 = -3;

pub struct Streams {
    /// For 0, 1 and 2 of the child.
    pub child_ends: Vec<RawFd>,
    /// Those of them that were opened for this child: held until it has them.
    opened: Vec<OwnedFd>,
    parent_ends: Vec<Option<OwnedFd>>,
}

impl Streams {
    pub fn open(sources: &[i32]) -> Result<Self, Refused> {
        let mut streams = Self {
            child_ends: Vec::new(),
            opened: Vec::new(),
            parent_ends: Vec::new(),
        };
        for (number, source) in (0..).zip(sources) {
            streams.add(number, *source)?;
        }
        Ok(streams)
    }

    fn add(&mut self, number: RawFd, source: i32) -> Result<(), Refused> {
        let (child_end, parent_end) = match source {
            PIPE => {
                let (read, write) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)
                    .map_err(refusal("pipe2", "O_CLOEXEC"))?;
                match number {
                    0 => (read, Some(write)),
                    _ => (write, Some(read)),
                }
            }
            INHERIT if is_open(number) => return self.lend(number),
            // Descriptor 0 is read and the others written; the device does not mind O_RDWR.
            INHERIT | NULL => {
                let flags = OFlags::RDWR | OFlags::CLOEXEC;
                let device = rustix::fs::open("/dev/null", flags, Mode::empty())
                    .map_err(refusal("open", "\"/dev/null\", O_RDWR|O_CLOEXEC"))?;
                (device, None)
            }
            descriptor if is_open(descriptor) => return self.lend(descriptor),
            other => return Err(refusal("fcntl", format!("{other}, F_GETFD"))(Errno::BADF)),
        };
        self.child_ends.push(child_end.as_raw_fd());
        self.opened.push(child_end);
        self.parent_ends.push(parent_end);
        Ok(())
    }

    fn lend(&mut self, descriptor: RawFd) -> Result<(), Refused> {
        self.child_ends.push(descriptor);
        self.parent_ends.push(None);
        Ok(())
    }

    /// Our ends, now the caller's.
    pub fn take_parent_ends(&mut self) -> Vec<Option<OwnedFd>> {
        core::mem::take(&mut self.parent_ends)
    }
}

/// `int fcntl(int fd, F_GETFD)`: whether there is such a descriptor.
fn is_open(descriptor: RawFd) -> bool {
    if descriptor < 0 {
        return false;
    }
    // SAFETY: the call only looks at a number.
    let borrowed = unsafe { BorrowedFd::borrow_raw(descriptor) };
    rustix::io::fcntl_getfd(borrowed).is_ok()
}
