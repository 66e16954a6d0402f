//! Files that the kernel answers from memory, many in one call: those of control groups.
//!
//! - [`write_files`]: each is opened, written and closed; another may be read right behind it
//!
//! Sources: open(2), write(2), cgroups(7).

use napi_derive::napi;
use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags, open};
use rustix::io::{Errno, read, retry_on_intr, write};

/// A value fits into a page, and so does the answer.
const LARGEST_ANSWER: usize = 4096;

#[napi(object)]
pub struct FileWrite {
    pub path: String,
    pub text: String,
    /// The file that tells whether the value was taken.
    pub told: Option<String>,
}

#[napi(object)]
pub struct Written {
    /// 0, or why it was refused.
    pub errno: i32,
    /// The text of the file that tells.
    pub found: Option<String>,
}

/// `int open(const char *path, O_WRONLY)`, `ssize_t write(int fd, const void *buf, size_t count)`,
/// for one file after the other until one is refused: that one is the last of the answers.
#[napi]
pub fn write_files(writes: Vec<FileWrite>) -> Vec<Written> {
    let mut answers = Vec::with_capacity(writes.len());
    for one in writes {
        let (errno, found) = match write_one(&one) {
            Ok(found) => (0, found),
            Err(errno) => (errno.raw_os_error(), None),
        };
        answers.push(Written { errno, found });
        if errno != 0 {
            break;
        }
    }
    answers
}

fn write_one(one: &FileWrite) -> Result<Option<String>, Errno> {
    let file = opened(&one.path, OFlags::WRONLY)?;
    retry_on_intr(|| write(&file, one.text.as_bytes()))?;
    one.told.as_deref().map(read_text).transpose()
}

fn read_text(path: &str) -> Result<String, Errno> {
    let file = opened(path, OFlags::RDONLY)?;
    let mut bytes = vec![0; LARGEST_ANSWER];
    let length = retry_on_intr(|| read(&file, &mut bytes))?;
    bytes.truncate(length);
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn opened(path: &str, access: OFlags) -> Result<OwnedFd, Errno> {
    retry_on_intr(|| open(path, access | OFlags::CLOEXEC, Mode::empty()))
}
