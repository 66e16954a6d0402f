//! A folder with all that is known about what is in it, in one call.
//!
//! - [`list_folder`]: names, kinds, owners, times, targets of links and extended attributes
//!
//! The answer is one buffer, read by native/files/list.ts. For each name, in the order of the
//! directory, numbers little-endian:
//!
//!     u32 mode, uid, gid, links; u64 size, inode, device; i64 seconds; u32 nanoseconds;
//!     u32 major, minor; u64 blocks of 512 bytes;
//!     u16 length, name; u16 length, target of a link; u16 count of attributes,
//!     then u16 length, name, u32 length, value each
//!
//! Sources: openat2(2), getdents(2), fstatat(2), readlinkat(2), listxattr(2).

use super::beneath::open_beneath;
use crate::refusal;
use napi::bindgen_prelude::Buffer;
use napi_derive::napi;
use rustix::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, Stat};
use rustix::io::Errno;

/// Everything in the folder at `path` beneath `root`; an empty path is `root` itself. With `own`
/// it is about the folder alone, under an empty name.
#[napi]
pub fn list_folder(root: i32, path: &[u8], own: bool) -> napi::Result<Buffer> {
    // SAFETY: the caller owns the descriptor.
    let root = unsafe { BorrowedFd::borrow_raw(root) };
    let failed = |errno| {
        let shown = format!("{:?}", String::from_utf8_lossy(path));
        refusal("list", shown)(errno)
    };
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = open_beneath(root, path, flags, Mode::empty()).map_err(failed)?;
    let mut list = Vec::with_capacity(16 * 1024);
    match own {
        true => describe(&folder, b"", &mut list).map_err(failed)?,
        false => describe_all(&folder, &mut list).map_err(failed)?,
    }
    Ok(list.into())
}

fn describe_all(folder: &OwnedFd, list: &mut Vec<u8>) -> Result<(), Errno> {
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name == b"." || name == b".." {
            continue;
        }
        let before = list.len();
        match describe(folder, name, list) {
            Ok(()) => (),
            // It went away between two calls: it is not there, nor is what was said of it.
            Err(Errno::NOENT) => list.truncate(before),
            Err(errno) => return Err(errno),
        }
    }
    Ok(())
}

fn describe(folder: &OwnedFd, name: &[u8], list: &mut Vec<u8>) -> Result<(), Errno> {
    let found = match name.is_empty() {
        true => rustix::fs::fstat(folder)?,
        false => rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?,
    };
    let target = match FileType::from_raw_mode(found.st_mode) {
        FileType::Symlink => rustix::fs::readlinkat(folder, name, Vec::new())?.into_bytes(),
        _ => Vec::new(),
    };
    put_stat(&found, list);
    put16(name, list);
    put16(&target, list);
    let mut place = format!("/proc/self/fd/{}", folder.as_fd().as_raw_fd()).into_bytes();
    // A folder's own descriptor is a link in /proc: with the dot it is the folder.
    place.extend_from_slice(b"/");
    place.extend_from_slice(if name.is_empty() { b"." } else { name });
    put_attributes(&place, list)
}

fn put_stat(found: &Stat, list: &mut Vec<u8>) {
    let number = found.st_rdev;
    let narrow = [found.st_mode, found.st_uid, found.st_gid];
    for value in narrow {
        list.extend_from_slice(&value.to_le_bytes());
    }
    let links = u32::try_from(found.st_nlink).unwrap_or(u32::MAX);
    list.extend_from_slice(&links.to_le_bytes());
    list.extend_from_slice(&found.st_size.cast_unsigned().to_le_bytes());
    list.extend_from_slice(&found.st_ino.to_le_bytes());
    list.extend_from_slice(&found.st_dev.to_le_bytes());
    list.extend_from_slice(&found.st_mtime.to_le_bytes());
    // The field is as wide as the processor's word.
    let nanoseconds = u32::try_from(found.st_mtime_nsec).unwrap_or(0);
    list.extend_from_slice(&nanoseconds.to_le_bytes());
    list.extend_from_slice(&rustix::fs::major(number).to_le_bytes());
    list.extend_from_slice(&rustix::fs::minor(number).to_le_bytes());
    list.extend_from_slice(&found.st_blocks.cast_unsigned().to_le_bytes());
}

fn put16(bytes: &[u8], list: &mut Vec<u8>) {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    list.extend_from_slice(&length.to_le_bytes());
    list.extend_from_slice(&bytes[..usize::from(length)]);
}

fn put_attributes(place: &[u8], list: &mut Vec<u8>) -> Result<(), Errno> {
    let mut names = [0u8; 4096];
    let names = match rustix::fs::llistxattr(place, &mut names[..]) {
        Ok(length) => names[..length].to_vec(),
        Err(Errno::OPNOTSUPP) => Vec::new(),
        Err(Errno::RANGE) => long_list(place)?,
        Err(errno) => return Err(errno),
    };
    let count_at = list.len();
    list.extend_from_slice(&[0, 0]);
    let mut count = 0u16;
    for name in names
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty())
    {
        let value = match value_of(place, name) {
            // Listed and not to be read: another namespace's, or removed by now.
            Err(Errno::NODATA | Errno::OPNOTSUPP | Errno::PERM | Errno::ACCESS) => continue,
            value => value?,
        };
        count += 1;
        put16(name, list);
        list.extend_from_slice(&u32::try_from(value.len()).unwrap_or(0).to_le_bytes());
        list.extend_from_slice(&value);
    }
    list[count_at..count_at + 2].copy_from_slice(&count.to_le_bytes());
    Ok(())
}

/// The kernel's limit for a list of names, and for one value.
const LARGEST: usize = 65536;

fn long_list(place: &[u8]) -> Result<Vec<u8>, Errno> {
    let mut names = vec![0; LARGEST];
    let length = rustix::fs::llistxattr(place, &mut names[..])?;
    names.truncate(length);
    Ok(names)
}

fn value_of(place: &[u8], name: &[u8]) -> Result<Vec<u8>, Errno> {
    let mut value = vec![0; LARGEST];
    let length = rustix::fs::lgetxattr(place, name, &mut value[..])?;
    value.truncate(length);
    Ok(value)
}
