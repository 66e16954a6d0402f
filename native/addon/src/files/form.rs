//! The form of a batch: how its numbers, names and attributes are read.
//!
//! - [`Reader`]: takes one after the other; a batch that ends too early is refused
//! - [`Attributes`]: what a file has beside its content, and how it is set on one
//!
//! The form is drawn in batch.rs.

use crate::refused;
use rustix::fd::BorrowedFd;
use rustix::fs::{Gid, Mode, Timespec, Timestamps, Uid, XattrFlags};
use rustix::io::Errno;

const KEEP_OWNER: u32 = u32::MAX;

/// The call that failed, and why.
pub type Failed = (&'static str, Errno);

pub fn at(syscall: &'static str) -> impl Fn(Errno) -> Failed {
    move |errno| (syscall, errno)
}

pub struct Attributes<'a> {
    pub mode: u32,
    pub uid: u32,
    pub gid: u32,
    pub times: Timestamps,
    pub xattrs: Vec<(&'a [u8], &'a [u8])>,
}

impl<'a> Attributes<'a> {
    pub fn read(reader: &mut Reader<'a>) -> napi::Result<Self> {
        let (mode, uid, gid) = (reader.u32()?, reader.u32()?, reader.u32()?);
        let times = times(reader.i64()?, reader.u32()?);
        let count = reader.u16()?;
        let mut xattrs = Vec::with_capacity(count.into());
        for _ in 0..count {
            xattrs.push((reader.bytes16()?, reader.bytes32()?));
        }
        Ok(Self {
            mode,
            uid,
            gid,
            times,
            xattrs,
        })
    }

    pub fn owner(&self) -> Option<(Uid, Gid)> {
        match self.uid {
            KEEP_OWNER => None,
            uid => Some((Uid::from_raw(uid), Gid::from_raw(self.gid))),
        }
    }

    pub fn bits(&self) -> Mode {
        Mode::from_raw_mode(self.mode & 0o7777)
    }

    /// The owner first: fchown(2) takes the set-uid bit and the file's capabilities away. The
    /// times last: everything before changes them.
    pub fn set_on(&self, fd: BorrowedFd) -> Result<(), Failed> {
        if let Some((uid, gid)) = self.owner() {
            rustix::fs::fchown(fd, Some(uid), Some(gid)).map_err(at("fchown"))?;
        }
        rustix::fs::fchmod(fd, self.bits()).map_err(at("fchmod"))?;
        for (name, value) in &self.xattrs {
            rustix::fs::fsetxattr(fd, *name, value, XattrFlags::empty())
                .map_err(at("fsetxattr"))?;
        }
        rustix::fs::futimens(fd, &self.times).map_err(at("futimens"))
    }
}

pub fn times(seconds: i64, nanoseconds: u32) -> Timestamps {
    let time = Timespec {
        tv_sec: seconds,
        tv_nsec: nanoseconds.into(),
    };
    Timestamps {
        last_access: time,
        last_modification: time,
    }
}

pub struct Reader<'a> {
    pub bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub fn take(&mut self, length: usize) -> napi::Result<&'a [u8]> {
        let (taken, rest) = self
            .bytes
            .split_at_checked(length)
            .ok_or_else(|| refused("batch", "it ends inside an instruction", 0))?;
        self.bytes = rest;
        Ok(taken)
    }

    pub fn array<const N: usize>(&mut self) -> napi::Result<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    pub fn u8(&mut self) -> napi::Result<u8> {
        self.array().map(u8::from_le_bytes)
    }

    pub fn u16(&mut self) -> napi::Result<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub fn u32(&mut self) -> napi::Result<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub fn i64(&mut self) -> napi::Result<i64> {
        self.array().map(i64::from_le_bytes)
    }

    pub fn bytes16(&mut self) -> napi::Result<&'a [u8]> {
        let length = self.u16()?;
        self.take(length.into())
    }

    pub fn bytes32(&mut self) -> napi::Result<&'a [u8]> {
        let length = self.u32()?;
        self.take(length as usize)
    }
}
