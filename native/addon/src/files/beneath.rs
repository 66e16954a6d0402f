//! Names beneath a folder, by descriptor: what a stranger's path may reach, and no more.
//!
//! - [`BENEATH`], [`FOLDER`]: how paths are resolved, and folders opened
//! - [`create`], [`write_all`], [`replacing`], [`unlink`], [`split`]
//! - [`about`]: the refusal of a call, with the path that it was about
//!
//! Sources: openat2(2), unlinkat(2).

use super::form::{Failed, at};
use crate::refusal;
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{AtFlags, Dir, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

pub const FOLDER: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);

pub const BENEATH: ResolveFlags = ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS);

/// The refusal of a call that was about `path`.
pub fn about(path: &[u8]) -> impl Fn(Failed) -> napi::Error {
    let shown = String::from_utf8_lossy(path).into_owned();
    move |(syscall, errno)| refusal(syscall, format!("{shown:?}"))(errno)
}

pub fn write_all(fd: &OwnedFd, position: u64, bytes: &[u8]) -> Result<(), Failed> {
    let (mut at_byte, mut rest) = (position, bytes);
    while !rest.is_empty() {
        let written = rustix::io::retry_on_intr(|| rustix::io::pwrite(fd, rest, at_byte))
            .map_err(at("pwrite"))?;
        at_byte += written as u64;
        rest = &rest[written..];
    }
    Ok(())
}

pub fn create(parent: BorrowedFd, name: &[u8]) -> Result<OwnedFd, Failed> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mode = Mode::from_raw_mode(0o600);
    replacing(parent, name, || {
        rustix::fs::openat(parent, name, flags, mode)
    })
    .map_err(at("openat"))
}

/// Whatever has the name already gives way.
pub fn replacing<T>(
    parent: BorrowedFd,
    name: &[u8],
    make: impl Fn() -> Result<T, Errno>,
) -> Result<T, Errno> {
    match make() {
        Err(Errno::EXIST) => {
            unlink(parent, name).map_err(|(_, errno)| errno)?;
            make()
        }
        made => made,
    }
}

/// Removes a name and all that is below it; what is not there needs no removal.
pub fn unlink(parent: BorrowedFd, name: &[u8]) -> Result<(), Failed> {
    match rustix::fs::unlinkat(parent, name, AtFlags::empty()) {
        Ok(()) | Err(Errno::NOENT) => return Ok(()),
        Err(Errno::ISDIR | Errno::PERM) => (),
        Err(errno) => return Err(("unlinkat", errno)),
    }
    let folder = rustix::fs::openat(parent, name, FOLDER, Mode::empty()).map_err(at("openat"))?;
    for entry in Dir::read_from(&folder).map_err(at("getdents"))? {
        let entry = entry.map_err(at("getdents"))?;
        let inside = entry.file_name().to_bytes();
        if inside != b"." && inside != b".." {
            unlink(folder.as_fd(), inside)?;
        }
    }
    rustix::fs::unlinkat(parent, name, AtFlags::REMOVEDIR).map_err(at("unlinkat"))
}

/// The folder of a path, and the last name.
pub fn split(path: &[u8]) -> (&[u8], &[u8]) {
    match path.iter().rposition(|byte| *byte == b'/') {
        Some(slash) => (&path[..slash], &path[slash + 1..]),
        None => (b"", path),
    }
}
