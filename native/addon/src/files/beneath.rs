//! Names beneath a folder, by descriptor: what a stranger's path may reach, and no more.
//!
//! - [`FOLDER`]: how folders are opened
//! - [`open_beneath`]: a path beneath a folder, through no link
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

/// `int openat2(int dirfd, path, {flags, mode, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS})`
pub fn open_beneath(root: impl AsFd, path: &[u8], flags: OFlags, mode: Mode) -> Opened {
    let path = if path.is_empty() { b"." } else { path };
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
    match rustix::fs::openat2(&root, path, flags, mode, resolve) {
        Err(Errno::NOSYS) => open_name_by_name(root.as_fd(), path, flags, mode),
        opened => opened,
    }
}

pub type Opened = Result<OwnedFd, Errno>;

/// Before Linux 5.6: each name from the folder that the last one opened, no link followed. What
/// leads up is refused, whether or not it would stay beneath.
fn open_name_by_name(root: BorrowedFd, path: &[u8], flags: OFlags, mode: Mode) -> Opened {
    if path.starts_with(b"/") {
        return Err(Errno::XDEV);
    }
    let on_the_way = OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut folder = rustix::fs::openat(root, ".", on_the_way, Mode::empty())?;
    let mut names = path
        .split(|byte| *byte == b'/')
        .filter(|name| !matches!(*name, b"" | b"."))
        .peekable();
    while let Some(name) = names.next() {
        if name == b".." {
            return Err(Errno::XDEV);
        }
        if names.peek().is_none() {
            return rustix::fs::openat(&folder, name, flags | OFlags::NOFOLLOW, mode);
        }
        folder = rustix::fs::openat(&folder, name, on_the_way, Mode::empty())?;
    }
    rustix::fs::openat(&folder, ".", flags, mode)
}

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
