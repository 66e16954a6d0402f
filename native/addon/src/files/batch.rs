//! Many files in one call: a list of instructions, carried out beneath a folder.
//!
//! - [`Folder`]: its `follow` takes a list in the form that native/files/batch.ts writes
//!
//! To make one file takes six system calls, and a layer has thousands. Each of them alone would
//! cross from JavaScript to here and back; together they cross once. Who calls, and on which
//! thread, is writer.rs's business.
//!
//! Every path is resolved beneath `root` through no link. A name that is there already gives way,
//! but a folder stays where a folder is wanted. Numbers are little-endian:
//!
//!     instruction  u8 kind, path, then by kind:
//!       1 folder   attributes
//!       2 file     attributes, u32 length, bytes
//!       3 link     attributes, u32 length, target
//!       4 hard     u32 length, path of the file that is there
//!       5 node     attributes (the mode with its type), u32 major, u32 minor
//!       6 finish   u32 descriptor of the file at the path, attributes
//!       7 times    i64 seconds, u32 nanoseconds
//!       8 remove   (nothing)
//!       9 xattr    u16 length, name, u32 length, value
//!       10 open    (nothing): a file that stays open for what follows
//!       11 write   i64 position, u32 length, bytes: into the file that is open
//!       12 close   i64 size, attributes: of the file that is open
//!     path         u32 length, bytes
//!     attributes   u32 mode, u32 uid, u32 gid, i64 seconds, u32 nanoseconds,
//!                  u16 count, then u16 length, name, u32 length, value each
//!
//! A uid of 2^32 - 1 leaves the owner as it is.
//! Sources: openat2(2), fchown(2), fchmod(2), setxattr(2), utimensat(2), link(2), mknod(2).

use super::beneath::{FOLDER, about, create, open_beneath, replacing, split, unlink, write_all};
use super::form::{Attributes, Failed, Reader, at, times};
use crate::refused;
use rustix::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use rustix::fs::{AtFlags, FileType, Mode, Timestamps, XattrFlags};
use rustix::io::Errno;

fn instruction(
    folder: &mut Folder,
    reader: &mut Reader,
    kind: u8,
    path: &[u8],
) -> napi::Result<()> {
    match kind {
        1 => {
            let attributes = Attributes::read(reader)?;
            folder.folder(path, &attributes).map_err(about(path))
        }
        2 => {
            let attributes = Attributes::read(reader)?;
            let content = reader.bytes32()?;
            folder.file(path, &attributes, content).map_err(about(path))
        }
        3 => {
            let attributes = Attributes::read(reader)?;
            let target = reader.bytes32()?;
            folder.link(path, &attributes, target).map_err(about(path))
        }
        4 => {
            let existing = reader.bytes32()?;
            folder.hard_link(path, existing).map_err(about(path))
        }
        5 => {
            let attributes = Attributes::read(reader)?;
            let (major, minor) = (reader.u32()?, reader.u32()?);
            folder
                .node(path, &attributes, major, minor)
                .map_err(about(path))
        }
        6 => {
            let number = reader.u32()?.cast_signed();
            let attributes = Attributes::read(reader)?;
            // SAFETY: the caller owns the descriptor and keeps it open during the call.
            let fd = unsafe { BorrowedFd::borrow_raw(number) };
            attributes.set_on(fd).map_err(about(path))
        }
        7 => {
            let times = times(reader.i64()?, reader.u32()?);
            folder.set_times(path, &times).map_err(about(path))
        }
        8 => folder.remove(path).map_err(about(path)),
        9 => {
            let (name, value) = (reader.bytes16()?, reader.bytes32()?);
            folder.set_xattr(path, name, value).map_err(about(path))
        }
        10..=12 => open_file(folder, reader, kind, path),
        _ => Err(refused("batch", &format!("unknown instruction {kind}"), 0)),
    }
}

/// What is said of a file that is too large for one instruction.
fn open_file(folder: &mut Folder, reader: &mut Reader, kind: u8, path: &[u8]) -> napi::Result<()> {
    match kind {
        10 => folder.open_file(path).map_err(about(path)),
        11 => {
            let position = reader.i64()?.cast_unsigned();
            let content = reader.bytes32()?;
            folder.write_file(position, content).map_err(about(path))
        }
        _ => {
            let size = reader.i64()?.cast_unsigned();
            let attributes = Attributes::read(reader)?;
            folder.close_file(size, &attributes).map_err(about(path))
        }
    }
}

/// Where instructions take effect, and the folder of the last one: archives stay in one.
pub struct Folder {
    root: OwnedFd,
    last: Option<(Vec<u8>, OwnedFd)>,
    open: Option<OwnedFd>,
}

impl Folder {
    pub fn new(root: OwnedFd) -> Self {
        Self {
            root,
            last: None,
            open: None,
        }
    }

    /// All instructions in order, or those before the first that the kernel refuses; the refusal
    /// names its path.
    pub fn follow(&mut self, batch: &[u8]) -> napi::Result<()> {
        let mut reader = Reader { bytes: batch };
        while !reader.bytes.is_empty() {
            let kind = reader.u8()?;
            let path = reader.bytes32()?;
            instruction(self, &mut reader, kind, path)?;
        }
        Ok(())
    }

    /// The folder of `path`, made if it is missing, and the last name.
    fn parent<'a>(&mut self, path: &'a [u8]) -> Result<(BorrowedFd<'_>, &'a [u8]), Failed> {
        let (folder, name) = split(path);
        let known = matches!(&self.last, Some((last, _)) if last == folder);
        if !known {
            let opened = self.open_folder(folder)?;
            self.last = Some((folder.to_vec(), opened));
        }
        match &self.last {
            Some((_, fd)) => Ok((fd.as_fd(), name)),
            None => Err(("openat2", Errno::NOENT)),
        }
    }

    fn open_folder(&self, path: &[u8]) -> Result<OwnedFd, Failed> {
        match open_beneath(&self.root, path, FOLDER, Mode::empty()) {
            Err(Errno::NOENT) => self.make_folders(path),
            opened => opened.map_err(at("openat2")),
        }
    }

    fn make_folders(&self, path: &[u8]) -> Result<OwnedFd, Failed> {
        let mut fd =
            rustix::fs::openat(&self.root, ".", FOLDER, Mode::empty()).map_err(at("openat"))?;
        for name in path
            .split(|byte| *byte == b'/')
            .filter(|name| !name.is_empty())
        {
            match rustix::fs::mkdirat(&fd, name, Mode::from_raw_mode(0o755)) {
                Ok(()) | Err(Errno::EXIST) => (),
                Err(errno) => return Err(("mkdirat", errno)),
            }
            fd = open_beneath(&fd, name, FOLDER, Mode::empty()).map_err(at("openat2"))?;
        }
        Ok(fd)
    }

    fn folder(&mut self, path: &[u8], attributes: &Attributes) -> Result<(), Failed> {
        if path.is_empty() {
            return attributes.set_on(self.root.as_fd());
        }
        let (parent, name) = self.parent(path)?;
        let made = rustix::fs::mkdirat(parent, name, Mode::from_raw_mode(0o700));
        let opened = match made {
            Ok(()) | Err(Errno::EXIST) => open_beneath(parent, name, FOLDER, Mode::empty()),
            Err(errno) => return Err(("mkdirat", errno)),
        };
        let fd = match opened {
            Ok(fd) => fd,
            Err(Errno::LOOP | Errno::NOTDIR) => {
                unlink(parent, name)?;
                rustix::fs::mkdirat(parent, name, Mode::from_raw_mode(0o700))
                    .map_err(at("mkdirat"))?;
                open_beneath(parent, name, FOLDER, Mode::empty()).map_err(at("openat2"))?
            }
            Err(errno) => return Err(("openat2", errno)),
        };
        attributes.set_on(fd.as_fd())?;
        // What follows in an archive mostly lies in the folder that it has just named.
        self.last = Some((path.to_vec(), fd));
        Ok(())
    }

    fn file(&mut self, path: &[u8], attributes: &Attributes, bytes: &[u8]) -> Result<(), Failed> {
        let (parent, name) = self.parent(path)?;
        let fd = create(parent, name)?;
        write_all(&fd, 0, bytes)?;
        attributes.set_on(fd.as_fd())
    }

    fn open_file(&mut self, path: &[u8]) -> Result<(), Failed> {
        let (parent, name) = self.parent(path)?;
        self.open = Some(create(parent, name)?);
        Ok(())
    }

    fn write_file(&mut self, position: u64, bytes: &[u8]) -> Result<(), Failed> {
        match &self.open {
            Some(fd) => write_all(fd, position, bytes),
            None => Err(("pwrite", Errno::BADF)),
        }
    }

    /// Holes at its end are part of its size.
    fn close_file(&mut self, size: u64, attributes: &Attributes) -> Result<(), Failed> {
        let fd = self.open.take().ok_or(("ftruncate", Errno::BADF))?;
        rustix::fs::ftruncate(&fd, size).map_err(at("ftruncate"))?;
        attributes.set_on(fd.as_fd())
    }

    fn link(&mut self, path: &[u8], attributes: &Attributes, to: &[u8]) -> Result<(), Failed> {
        let (parent, name) = self.parent(path)?;
        replacing(parent, name, || rustix::fs::symlinkat(to, parent, name))
            .map_err(at("symlinkat"))?;
        set_by_name(parent, name, attributes, false)
    }

    fn node(
        &mut self,
        path: &[u8],
        attributes: &Attributes,
        major: u32,
        minor: u32,
    ) -> Result<(), Failed> {
        let (parent, name) = self.parent(path)?;
        let kind = FileType::from_raw_mode(attributes.mode);
        let number = rustix::fs::makedev(major, minor);
        replacing(parent, name, || {
            rustix::fs::mknodat(parent, name, kind, attributes.bits(), number)
        })
        .map_err(at("mknodat"))?;
        set_by_name(parent, name, attributes, true)
    }

    /// linkat(2) follows no link at the end of the old path unless it is told to.
    fn hard_link(&mut self, path: &[u8], existing: &[u8]) -> Result<(), Failed> {
        let (folder, old) = split(existing);
        let from =
            open_beneath(&self.root, folder, FOLDER, Mode::empty()).map_err(at("openat2"))?;
        let (parent, name) = self.parent(path)?;
        replacing(parent, name, || {
            rustix::fs::linkat(&from, old, parent, name, AtFlags::empty())
        })
        .map_err(at("linkat"))
    }

    fn set_times(&mut self, path: &[u8], times: &Timestamps) -> Result<(), Failed> {
        if path.is_empty() {
            return rustix::fs::futimens(&self.root, times).map_err(at("futimens"));
        }
        let (parent, name) = self.parent(path)?;
        rustix::fs::utimensat(parent, name, times, AtFlags::SYMLINK_NOFOLLOW)
            .map_err(at("utimensat"))
    }

    fn set_xattr(&mut self, path: &[u8], name: &[u8], value: &[u8]) -> Result<(), Failed> {
        if path.is_empty() {
            return rustix::fs::fsetxattr(&self.root, name, value, XattrFlags::empty())
                .map_err(at("fsetxattr"));
        }
        let (parent, last) = self.parent(path)?;
        set_xattr_by_name(parent, last, name, value)
    }

    fn remove(&mut self, path: &[u8]) -> Result<(), Failed> {
        self.last = None;
        let (parent, name) = self.parent(path)?;
        unlink(parent, name)
    }
}

/// A link has no permissions and cannot be opened: everything is set by its name. A node could be
/// opened, and that would wake a device.
fn set_by_name(
    parent: BorrowedFd,
    name: &[u8],
    attributes: &Attributes,
    has_mode: bool,
) -> Result<(), Failed> {
    let nofollow = AtFlags::SYMLINK_NOFOLLOW;
    if let Some((uid, gid)) = attributes.owner() {
        rustix::fs::chownat(parent, name, Some(uid), Some(gid), nofollow)
            .map_err(at("fchownat"))?;
    }
    if has_mode {
        rustix::fs::chmodat(parent, name, attributes.bits(), AtFlags::empty())
            .map_err(at("fchmodat"))?;
    }
    for (key, value) in &attributes.xattrs {
        set_xattr_by_name(parent, name, key, value)?;
    }
    rustix::fs::utimensat(parent, name, &attributes.times, nofollow).map_err(at("utimensat"))
}

fn set_xattr_by_name(
    parent: BorrowedFd,
    name: &[u8],
    key: &[u8],
    value: &[u8],
) -> Result<(), Failed> {
    let mut place = format!("/proc/self/fd/{}/", parent.as_raw_fd()).into_bytes();
    place.extend_from_slice(name);
    rustix::fs::lsetxattr(&place[..], key, value, XattrFlags::empty()).map_err(at("lsetxattr"))
}
