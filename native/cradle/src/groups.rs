//! Control groups at the moment of a birth: opened before it, so that the child needs no path.
//!
//! - [`open_groups`]: directories as descriptors, each with the version of its hierarchy
//!
//! A group of version 1 is entered by a 0 in `tasks`, which moves the thread that writes: the child
//! has no other. `cgroup.procs` moves whole processes, and for that the kernel waits until no
//! processor can be in the middle of a fork, some 15 ms. A group of version 2 has no `tasks`.
//!
//! A frozen group is refused. A child that is born into one stops before its first instruction,
//! and whoever started it by `CLONE_VFORK` sleeps with it, in a sleep that no signal ends: for
//! the addon that would be all of Node. Sources: cgroups(7), clone(2).

use crate::refused::{Refused, refusal};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use rustix::fd::{AsFd, OwnedFd};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

/// The `f_type` of a control group of version 2 (statfs(2)).
const CGROUP2_SUPER_MAGIC: i64 = 0x6367_7270;

/// An open control group: its directory for the clone, its list of members for a write.
pub struct Group {
    pub directory: OwnedFd,
    pub members: OwnedFd,
    pub version: u8,
}

/// `int open(const char *path, O_PATH | O_DIRECTORY | O_CLOEXEC)` and the list of members, for
/// each.
pub fn open_groups(paths: &[String]) -> Result<Vec<Group>, Refused> {
    paths.iter().map(|path| open_group(path)).collect()
}

fn open_group(path: &str) -> Result<Group, Refused> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory = rustix::fs::open(path, flags, Mode::empty())
        .map_err(refusal("open", format!("{path:?}, O_PATH|O_DIRECTORY")))?;
    let magic = rustix::fs::fstatfs(&directory)
        .map_err(refusal("fstatfs", path))?
        .f_type;
    let (version, list) = match magic as i64 {
        CGROUP2_SUPER_MAGIC => (2, "cgroup.procs"),
        _ => (1, "tasks"),
    };
    let flags = OFlags::WRONLY | OFlags::CLOEXEC;
    let members = rustix::fs::openat(&directory, list, flags, Mode::empty())
        .map_err(refusal("open", format!("\"{path}/{list}\", O_WRONLY")))?;
    if is_frozen(&directory, version) {
        return Err(refusal("clone3", format!("into {path:?}"))(Errno::BUSY));
    }
    Ok(Group {
        directory,
        members,
        version,
    })
}

/// Both files tell of parents that are frozen, too. A group without them cannot be frozen.
fn is_frozen(directory: &OwnedFd, version: u8) -> bool {
    let (name, frozen): (&str, &[&str]) = match version {
        2 => ("cgroup.events", &["frozen 1"]),
        _ => ("freezer.state", &["FROZEN", "FREEZING"]),
    };
    let flags = OFlags::RDONLY | OFlags::CLOEXEC;
    let Ok(file) = rustix::fs::openat(directory.as_fd(), name, flags, Mode::empty()) else {
        return false;
    };
    let mut text = [0; 256];
    let read = rustix::io::read(&file, &mut text).unwrap_or(0);
    String::from_utf8_lossy(&text[..read])
        .lines()
        .any(|line| frozen.contains(&line))
}
