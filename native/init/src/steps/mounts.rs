//! Mounts inside our own mount namespace.
//!
//! - [`set_propagation`], [`mount`], [`mount_proc`]: the steps
//! - [`refuse_proc`]: whether a target is what its text says
//! - [`empty_read_only`], [`clone_tree`], [`move_onto`], [`set_read_only`]: mounts as descriptors,
//!   which other steps are made of
//!
//! Sources: mount(2), mount_namespaces(7), proc(5), fsopen(2), open_tree(2), move_mount(2),
//! mount_setattr(2).

use crate::{
    Context, kernel,
    refusal::Refusal,
    root::{Kind, is_directory, proc_path},
};
use alloc::borrow::ToOwned;
use alloc::ffi::CString;
use alloc::format;
use alloc::vec::Vec;
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::io::Errno;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MountFlags, MountPropagationFlags, MoveMountFlags,
    OpenTreeFlags,
};
use slipway_wire::{MountFlag, Propagation};

/// The `f_type` that statfs(2) answers for proc, and for nothing else.
const PROC_SUPER_MAGIC: i64 = 0x9fa0;
/// The same for sysfs.
const SYSFS_MAGIC: i64 = 0x6265_6572;

/// `int mount(NULL, const char *target, NULL, MS_PRIVATE | MS_REC, NULL)`
///
/// A new mount namespace is a copy whose mounts are peers of the originals: until they are made
/// private, what is mounted here appears on the host.
pub fn set_propagation(
    target: &str,
    propagation: Propagation,
    recursive: bool,
) -> Result<(), Refusal> {
    let (mut flags, mut shown) = match propagation {
        Propagation::Private => (MountPropagationFlags::PRIVATE, "MS_PRIVATE".to_owned()),
        Propagation::Slave => (MountPropagationFlags::DOWNSTREAM, "MS_SLAVE".to_owned()),
        Propagation::Shared => (MountPropagationFlags::SHARED, "MS_SHARED".to_owned()),
        Propagation::Unbindable => (
            MountPropagationFlags::UNBINDABLE,
            "MS_UNBINDABLE".to_owned(),
        ),
    };
    if recursive {
        flags |= MountPropagationFlags::REC;
        shown += "|MS_REC";
    }
    rustix::mount::mount_change(target, flags).map_err(Refusal::of(
        "mount",
        format!("NULL, {target:?}, NULL, {shown}, NULL"),
    ))
}

/// `int mount(const char *source, const char *target, const char *filesystemtype,
/// unsigned long mountflags, const void *data)`
///
/// The target is opened first, inside the root that the container will have, and the call gets
/// what was opened (`/proc/self/fd/N`). In a new root a missing mount point is made; the host's
/// own files stay as they are. The source of a bind is a path in the same root. A sysfs is looked
/// at and remembered, for the steps that hide some of it.
pub fn mount(
    context: &mut Context,
    source: &str,
    target: &str,
    fs_type: &str,
    flags: &[MountFlag],
    data: &str,
) -> Result<(), Refusal> {
    mount_any(context, source, target, fs_type, flags, data)?;
    match fs_type {
        "sysfs" => remember(context, target, SYSFS_MAGIC, "sysfs"),
        _ => Ok(()),
    }
}

fn mount_any(
    context: &Context,
    source: &str,
    target: &str,
    fs_type: &str,
    flags: &[MountFlag],
    data: &str,
) -> Result<(), Refusal> {
    let bits = flags
        .iter()
        .fold(MountFlags::empty(), |bits, flag| bits | flag_of(*flag).0);
    let names: Vec<_> = flags.iter().map(|flag| flag_of(*flag).1).collect();
    let names = if names.is_empty() {
        "0".to_owned()
    } else {
        names.join("|")
    };
    let shown = format!("{source:?}, {target:?}, {fs_type:?}, {names}, {data:?}");
    let options = match data {
        "" => None,
        text => Some(CString::new(text).map_err(|_| Refusal::of("mount", &*shown)(Errno::INVAL))?),
    };
    let opened = open_source(context, source, bits).map_err(Refusal::of("mount", &*shown))?;
    let place = open_target(context, target, opened.as_ref(), &shown)?;
    refuse_proc(place.as_fd(), target)?;
    let from = opened.as_ref().map_or_else(|| source.to_owned(), proc_path);
    rustix::mount::mount(from, proc_path(&place), fs_type, bits, options.as_deref())
        .map_err(Refusal::of("mount", shown))
}

/// A bind's source is a path; any other's is only a name.
fn open_source(
    context: &Context,
    source: &str,
    bits: MountFlags,
) -> Result<Option<OwnedFd>, Errno> {
    let again = bits.bits() & linux_raw_sys::general::MS_REMOUNT != 0;
    match bits.contains(MountFlags::BIND) && !again {
        true => context.root.open(source).map(Some),
        false => Ok(None),
    }
}

fn open_target(
    context: &Context,
    target: &str,
    source: Option<&OwnedFd>,
    shown: &str,
) -> Result<OwnedFd, Refusal> {
    if context.root.attached().is_none() {
        return context
            .root
            .open(target)
            .map_err(Refusal::of("mount", shown));
    }
    let file = match source {
        Some(fd) => !is_directory(fd.as_fd()).map_err(Refusal::of("fstat", shown))?,
        None => false,
    };
    context
        .root
        .open_or_make(target, if file { Kind::File } else { Kind::Directory })
}

/// Only who says `/proc` mounts there. A link in a stranger's root that leads into it would carry a
/// volume over the files by which the kernel is asked and told.
pub fn refuse_proc(place: BorrowedFd<'_>, target: &str) -> Result<(), Refusal> {
    if target == "/proc" || target.starts_with("/proc/") {
        return Ok(());
    }
    let found = rustix::fs::fstatfs(place).map_err(Refusal::of("fstatfs", target))?;
    match found.f_type as i64 {
        PROC_SUPER_MAGIC => Err(Refusal::of(
            "move_mount",
            format!("{target:?} leads into proc"),
        )(Errno::PERM)),
        _ => Ok(()),
    }
}

/// `int mount("proc", target, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL)`, then `statfs(2)`.
///
/// Later steps and the application write below `/proc`; a path that only looks like one could
/// lead those writes anywhere, so what is there afterwards is asked for its type.
pub fn mount_proc(context: &mut Context, target: &str) -> Result<(), Refusal> {
    let flags = [MountFlag::Nosuid, MountFlag::Nodev, MountFlag::Noexec];
    mount_any(context, "proc", target, "proc", &flags, "")?;
    remember(context, target, PROC_SUPER_MAGIC, "proc")
}

/// What `target` leads to now is of the type that was mounted; it is kept open.
fn remember(context: &mut Context, target: &str, magic: i64, fs_type: &str) -> Result<(), Refusal> {
    let place = context
        .root
        .open(target)
        .map_err(Refusal::of("open", target))?;
    let found = rustix::fs::fstatfs(&place).map_err(Refusal::of("fstatfs", target))?;
    if found.f_type as i64 != magic {
        return Err(Refusal::of(
            "fstatfs",
            format!("{target:?} is no {fs_type}"),
        )(Errno::INVAL));
    }
    context.root.remember(target, place);
    Ok(())
}

/// `int fsopen("tmpfs", …)`, `int fsmount(…, MOUNT_ATTR_RDONLY)`: an empty directory to hide
/// behind.
pub fn empty_read_only(path: &str) -> Result<OwnedFd, Refusal> {
    let empty = || -> Result<OwnedFd, Errno> {
        let context = rustix::mount::fsopen("tmpfs", FsOpenFlags::FSOPEN_CLOEXEC)?;
        rustix::mount::fsconfig_set_string(&context, "size", "0")?;
        rustix::mount::fsconfig_create(&context)?;
        let attributes = MountAttrFlags::MOUNT_ATTR_RDONLY
            | MountAttrFlags::MOUNT_ATTR_NOSUID
            | MountAttrFlags::MOUNT_ATTR_NODEV
            | MountAttrFlags::MOUNT_ATTR_NOEXEC;
        rustix::mount::fsmount(&context, FsMountFlags::FSMOUNT_CLOEXEC, attributes)
    };
    empty().map_err(Refusal::of(
        "fsmount",
        format!("an empty tmpfs for {path:?}"),
    ))
}

/// `int open_tree(int dirfd, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | AT_RECURSIVE)`: a bind mount
/// that hangs nowhere yet.
pub fn clone_tree(fd: BorrowedFd<'_>, recursive: bool) -> Result<OwnedFd, Errno> {
    let mut flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_EMPTY_PATH;
    if recursive {
        flags |= OpenTreeFlags::AT_RECURSIVE;
    }
    rustix::mount::open_tree(fd, "", flags)
}

/// `int move_mount(int from_dfd, "", int to_dfd, "", MOVE_MOUNT_F_EMPTY_PATH |
/// MOVE_MOUNT_T_EMPTY_PATH)`: both ends are descriptors, no path is walked.
pub fn move_onto(
    mount: BorrowedFd<'_>,
    place: BorrowedFd<'_>,
    target: &str,
) -> Result<(), Refusal> {
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH | MoveMountFlags::MOVE_MOUNT_T_EMPTY_PATH;
    rustix::mount::move_mount(mount, "", place, "", flags)
        .map_err(Refusal::of("move_mount", format!("…, {target:?}")))
}

/// `int mount_setattr(int dirfd, "", AT_EMPTY_PATH | AT_RECURSIVE,
/// {.attr_set = MOUNT_ATTR_RDONLY}, size)`
pub fn set_read_only(mount: BorrowedFd<'_>, recursive: bool) -> Result<(), Errno> {
    let read_only = u64::from(MountAttrFlags::MOUNT_ATTR_RDONLY.bits());
    kernel::set_mount_attributes(mount, read_only, recursive)
}

fn flag_of(flag: MountFlag) -> (MountFlags, &'static str) {
    match flag {
        MountFlag::Nosuid => (MountFlags::NOSUID, "MS_NOSUID"),
        MountFlag::Nodev => (MountFlags::NODEV, "MS_NODEV"),
        MountFlag::Noexec => (MountFlags::NOEXEC, "MS_NOEXEC"),
        MountFlag::ReadOnly => (MountFlags::RDONLY, "MS_RDONLY"),
        MountFlag::Noatime => (MountFlags::NOATIME, "MS_NOATIME"),
        MountFlag::Relatime => (MountFlags::RELATIME, "MS_RELATIME"),
        MountFlag::Strictatime => (MountFlags::STRICTATIME, "MS_STRICTATIME"),
        MountFlag::Bind => (MountFlags::BIND, "MS_BIND"),
        MountFlag::Rec => (MountFlags::REC, "MS_REC"),
        // rustix keeps MS_REMOUNT for a call of its own; the bit is the same for the kernel.
        MountFlag::Remount => (
            MountFlags::from_bits_retain(linux_raw_sys::general::MS_REMOUNT),
            "MS_REMOUNT",
        ),
    }
}
