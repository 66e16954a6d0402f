//! The root that the container will have, and every path inside it.
//!
//! What is inside a root file system belongs to a stranger: `/proc` may be a link to `/etc`, and
//! `/dev/null` to a file of the host. So no path in it is ever used as a string. It is resolved
//! once, by `openat2` with `RESOLVE_IN_ROOT`, and what that opened is what is mounted or made.
//!
//! - [`Root`]: before `attach` the process's own `/`, afterwards the new one
//! - [`Root::open`]: a descriptor (`O_PATH`) of what a path leads to, links followed inside only
//! - [`Root::open_or_make`]: the same; what is missing on the way is made
//! - [`Root::open_in_mounted`]: what is below a mount of ours, looked for from that mount
//! - [`proc_path`]: a descriptor as a path, for the calls that take no descriptor
//!
//! Source: openat2(2).

use crate::refusal::Refusal;
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use rustix::fd::{AsRawFd, BorrowedFd, OwnedFd};
use rustix::fs::{AtFlags, CWD, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;

/// What a mount point has to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Directory,
    File,
}

#[derive(Default)]
pub struct Root {
    attached: Option<OwnedFd>,
    /// Kernel file systems that were mounted in it, each with the path that it was asked for.
    mounted: Vec<(String, OwnedFd)>,
}

impl Root {
    /// From here on paths are resolved inside the directory `fd`.
    pub fn change(&mut self, fd: OwnedFd) {
        self.attached = Some(fd);
        self.mounted.clear();
    }

    /// The new root, if one is attached.
    pub fn attached(&self) -> Option<BorrowedFd<'_>> {
        self.attached.as_ref().map(rustix::fd::AsFd::as_fd)
    }

    /// After `pivot_root` the process's own root is the container's.
    pub fn forget(&mut self) {
        self.attached = None;
        self.mounted.clear();
    }

    /// `place` was just mounted on `target` and looked at: see [`Root::open_in_mounted`].
    pub fn remember(&mut self, target: &str, place: OwnedFd) {
        self.mounted.push((target.to_owned(), place));
    }

    /// As [`Root::open`]; what is below a remembered mount is looked for from there. Whoever owns
    /// the folder outside can rename the mount point meanwhile and put a link in its place: then
    /// the path would lead past the mount, and what it was to hide would stay in sight.
    pub fn open_in_mounted(&self, path: &str) -> Result<OwnedFd, Errno> {
        self.open_in_mounted_with(path, OFlags::PATH)
    }

    /// As [`Root::open_in_mounted`], opened with `flags`.
    pub fn open_in_mounted_with(&self, path: &str, flags: OFlags) -> Result<OwnedFd, Errno> {
        let found = self.mounted.iter().rev().find_map(|(target, place)| {
            let rest = path.strip_prefix(target.as_str())?.strip_prefix('/')?;
            Some((place, rest))
        });
        match found {
            None => self.resolve(path, flags),
            Some((place, rest)) => resolve_in(place, rest, flags | OFlags::CLOEXEC),
        }
    }

    /// What `path` leads to, as an `O_PATH` descriptor; a link at its end is followed, inside.
    pub fn open(&self, path: &str) -> Result<OwnedFd, Errno> {
        self.resolve(path, OFlags::PATH)
    }

    /// As [`Root::open`]; a missing end is made as `kind`, missing folders on the way as folders.
    pub fn open_or_make(&self, path: &str, kind: Kind) -> Result<OwnedFd, Refusal> {
        match self.open(path) {
            Err(Errno::NOENT) => {}
            opened => return opened.map_err(Refusal::of("openat2", format!("{path:?}"))),
        }
        let (parent, name) = self.parent_of(path)?;
        let shown = format!("{path:?}");
        match kind {
            Kind::Directory => rustix::fs::mkdirat(&parent, name, Mode::from_raw_mode(0o755))
                .map_err(Refusal::of("mkdirat", shown.clone()))?,
            Kind::File => {
                let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::CLOEXEC;
                rustix::fs::openat(&parent, name, flags, Mode::from_raw_mode(0o644))
                    .map(drop)
                    .map_err(Refusal::of("openat", format!("{path:?}, O_CREAT|O_EXCL")))?;
            }
        }
        // Not by path again: a name that somebody swapped meanwhile must not lead elsewhere.
        let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        rustix::fs::openat(&parent, name, flags, Mode::empty())
            .map_err(Refusal::of("openat", shown))
    }

    /// The folder that `path` is in (made where it is missing), and the last name.
    pub fn parent_of<'path>(&self, path: &'path str) -> Result<(OwnedFd, &'path str), Refusal> {
        let trimmed = path.trim_end_matches('/');
        let (folder, name) = trimmed.rsplit_once('/').unwrap_or(("", trimmed));
        if matches!(name, "" | "." | "..") {
            return Err(Refusal::of("openat2", format!("{path:?}"))(Errno::INVAL));
        }
        let folder = if folder.is_empty() { "/" } else { folder };
        Ok((self.open_or_make(folder, Kind::Directory)?, name))
    }

    fn resolve(&self, path: &str, flags: OFlags) -> Result<OwnedFd, Errno> {
        let flags = flags | OFlags::CLOEXEC;
        match &self.attached {
            None => rustix::fs::openat(CWD, path, flags, Mode::empty()),
            Some(root) => resolve_in(root, path, flags),
        }
    }
}

/// Links are followed inside of `root` only.
fn resolve_in(root: &OwnedFd, path: &str, flags: OFlags) -> Result<OwnedFd, Errno> {
    // EAGAIN: somebody renamed something on the way; the kernel asks to look again.
    retry_on_again(|| {
        let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
        rustix::fs::openat2(root, path, flags, Mode::empty(), resolve)
    })
}

fn retry_on_again<T>(mut attempt: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    for _ in 0..128 {
        match attempt() {
            Err(Errno::AGAIN) => {}
            answered => return answered,
        }
    }
    Err(Errno::AGAIN)
}

/// Whether `fd` is a directory.
pub fn is_directory(fd: BorrowedFd<'_>) -> Result<bool, Errno> {
    let found = rustix::fs::statat(fd, "", AtFlags::EMPTY_PATH)?;
    Ok(rustix::fs::FileType::from_raw_mode(found.st_mode) == rustix::fs::FileType::Directory)
}

/// A path to exactly what `fd` has opened, through the `/proc` of the host, before `pivot_root`.
pub fn proc_path(fd: &impl AsRawFd) -> String {
    format!("/proc/self/fd/{}", fd.as_raw_fd())
}
