//! From the host's root to the container's.
//!
//! - [`attach`], [`pivot_root`], [`change_root`], [`make_root_read_only`]: the root itself
//! - [`mask_paths`], [`protect_paths`]: what of it is not to be seen, or not to be changed
//! - [`make_device`], [`make_link`], [`make_folder`]: what stands in it
//!
//! Sources: move_mount(2), open_tree(2), pivot_root(2), mount_setattr(2).

use super::mounts::{clone_tree, move_onto, refuse_proc, set_read_only};
use crate::{
    Context,
    refusal::Refusal,
    root::{Kind, is_directory},
};
use alloc::format;
use alloc::string::String;
use rustix::fd::AsFd;
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags};
use rustix::mount::{MoveMountFlags, UnmountFlags};
use rustix::process::{Gid, Uid};
use slipway_wire::Owner;

/// `int move_mount(int from_dfd, "", int to_dfd, "", MOVE_MOUNT_F_EMPTY_PATH |
/// MOVE_MOUNT_T_EMPTY_PATH)`
///
/// Descriptor `descriptor` is a mount that hangs nowhere yet. On "/" it becomes the root in which
/// all later paths are resolved; anywhere else it is mounted there, and a missing mount point is
/// made: a directory for a directory, a file for anything else.
pub fn attach(context: &mut Context, descriptor: u32, target: &str) -> Result<(), Refusal> {
    let mount = context.descriptor(descriptor);
    if target != "/" {
        let kind = match is_directory(mount).map_err(Refusal::of("fstat", "descriptor"))? {
            true => Kind::Directory,
            false => Kind::File,
        };
        let place = context.root.open_or_make(target, kind)?;
        refuse_proc(place.as_fd(), target)?;
        return move_onto(mount, place.as_fd(), target);
    }
    // On top of the root: the one place that every mount namespace has. `pivot_root` takes the
    // old root away below it.
    let flags = MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH;
    rustix::mount::move_mount(mount, "", CWD, "/", flags).map_err(Refusal::of(
        "move_mount",
        format!("descriptor {descriptor}, \"/\""),
    ))?;
    let root = rustix::io::fcntl_dupfd_cloexec(mount, 3)
        .map_err(Refusal::of("fcntl", "F_DUPFD_CLOEXEC"))?;
    context.root.change(root);
    Ok(())
}

/// `int syscall(SYS_pivot_root, ".", ".")`, then `umount2(".", MNT_DETACH)`
///
/// With both arguments the same directory the old root ends up on top of the new one, and is
/// taken away from there: no folder for it is needed, and nothing of the host stays in sight.
pub fn pivot_root(context: &mut Context) -> Result<(), Refusal> {
    if let Some(root) = context.root.attached() {
        rustix::process::fchdir(root).map_err(Refusal::of("fchdir", "new root"))?;
    }
    rustix::process::pivot_root(".", ".").map_err(Refusal::of("pivot_root", "\".\", \".\""))?;
    rustix::mount::unmount(".", UnmountFlags::DETACH)
        .map_err(Refusal::of("umount2", "\".\", MNT_DETACH"))?;
    rustix::process::chdir("/").map_err(Refusal::of("chdir", "\"/\""))?;
    context.root.forget();
    Ok(())
}

/// `int chroot(const char *path)`, then `chdir("/")`: the old way, from which root escapes.
pub fn change_root(path: &str) -> Result<(), Refusal> {
    rustix::process::chroot(path).map_err(Refusal::of("chroot", format!("{path:?}")))?;
    rustix::process::chdir("/").map_err(Refusal::of("chdir", "\"/\""))
}

/// `int mount_setattr(int dirfd, "", AT_EMPTY_PATH, {.attr_set = MOUNT_ATTR_RDONLY}, size)` on the
/// root alone: what is mounted below it keeps its own flags.
pub fn make_root_read_only(context: &Context) -> Result<(), Refusal> {
    let root = context
        .root
        .open("/")
        .map_err(Refusal::of("open", "\"/\", O_PATH"))?;
    set_read_only(root.as_fd(), false).map_err(Refusal::of("mount_setattr", "\"/\", RDONLY"))
}

/// Hides each path: an empty read-only tmpfs over a directory, the null device over a file.
///
/// What is not there needs no mask. Below a proc or sysfs that a step before has mounted, each is
/// looked for from that mount, not from the root. The null device is the host's own, opened before
/// the root changes and checked to be one (character device 1:3), never what the root calls
/// `/dev/null`.
pub fn mask_paths(context: &Context, paths: &[String]) -> Result<(), Refusal> {
    let null = rustix::fs::open("/dev/null", OFlags::PATH | OFlags::CLOEXEC, Mode::empty())
        .map_err(Refusal::of("open", "\"/dev/null\", O_PATH"))?;
    let found = rustix::fs::fstat(&null).map_err(Refusal::of("fstat", "\"/dev/null\""))?;
    if found.st_rdev != rustix::fs::makedev(1, 3) {
        return Err(Refusal::of("fstat", "\"/dev/null\" is not device 1:3")(
            rustix::io::Errno::NXIO,
        ));
    }
    for path in paths {
        let place = match context.root.open_in_mounted(path) {
            Err(rustix::io::Errno::NOENT | rustix::io::Errno::NOTDIR) => continue,
            opened => opened.map_err(Refusal::of("openat2", format!("{path:?}")))?,
        };
        let directory =
            is_directory(place.as_fd()).map_err(Refusal::of("fstat", format!("{path:?}")))?;
        let mask = match directory {
            true => super::mounts::empty_read_only(path)?,
            false => clone_tree(null.as_fd(), false)
                .map_err(Refusal::of("open_tree", "\"/dev/null\", OPEN_TREE_CLONE"))?,
        };
        move_onto(mask.as_fd(), place.as_fd(), path)?;
    }
    Ok(())
}

/// Makes each path read-only: a clone of the mount that it is in, over itself, with all below it.
pub fn protect_paths(context: &Context, paths: &[String]) -> Result<(), Refusal> {
    for path in paths {
        let place = match context.root.open_in_mounted(path) {
            Err(rustix::io::Errno::NOENT | rustix::io::Errno::NOTDIR) => continue,
            opened => opened.map_err(Refusal::of("openat2", format!("{path:?}")))?,
        };
        let clone = clone_tree(place.as_fd(), true).map_err(Refusal::of(
            "open_tree",
            format!("{path:?}, OPEN_TREE_CLONE"),
        ))?;
        set_read_only(clone.as_fd(), true)
            .map_err(Refusal::of("mount_setattr", format!("{path:?}, RDONLY")))?;
        move_onto(clone.as_fd(), place.as_fd(), path)?;
    }
    Ok(())
}

/// `int mknodat(int dirfd, const char *name, mode_t mode, makedev(major, minor))`
///
/// With `S_IFBLK` in `mode` it is a block device, else a character device.
///
/// Where device nodes may not be made (a user namespace), the host's node of the same name is
/// mounted onto a file instead.
pub fn make_device(
    context: &Context,
    path: &str,
    (major, minor): (u32, u32),
    mode: u32,
    owner: Option<Owner>,
) -> Result<(), Refusal> {
    let (parent, name) = context.root.parent_of(path)?;
    let kind = match FileType::from_raw_mode(mode) {
        FileType::BlockDevice => FileType::BlockDevice,
        _ => FileType::CharacterDevice,
    };
    let shown = format!("{path:?}, {kind:?}|{:#o}, {major}:{minor}", mode & 0o7777);
    let number = rustix::fs::makedev(major, minor);
    let bits = Mode::from_raw_mode(mode & 0o7777);
    let made = rustix::fs::mknodat(&parent, name, kind, bits, number);
    let Err(errno) = made else {
        // The umask has taken bits away; a device has exactly the mode that was asked for.
        let place = rustix::fs::openat(
            &parent,
            name,
            OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC,
            Mode::empty(),
        )
        .map_err(Refusal::of("openat", format!("{path:?}")))?;
        if let Some(Owner { uid, gid }) = owner {
            let (user, group) = (Uid::from_raw(uid), Gid::from_raw(gid));
            rustix::fs::chownat(&place, "", Some(user), Some(group), AtFlags::EMPTY_PATH)
                .map_err(Refusal::of("fchownat", format!("{path:?}, {uid}, {gid}")))?;
        }
        return rustix::fs::chmod(crate::root::proc_path(&place), bits)
            .map_err(Refusal::of("chmod", shown));
    };
    match errno {
        rustix::io::Errno::EXIST => Ok(()),
        rustix::io::Errno::PERM => bind_device(context, path, kind, number),
        errno => Err(Refusal::of("mknodat", shown)(errno)),
    }
}

fn bind_device(context: &Context, path: &str, kind: FileType, number: u64) -> Result<(), Refusal> {
    let host = rustix::fs::open(path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())
        .map_err(Refusal::of("open", format!("the host's {path:?}, O_PATH")))?;
    let found = rustix::fs::fstat(&host).map_err(Refusal::of("fstat", format!("{path:?}")))?;
    if found.st_rdev != number || FileType::from_raw_mode(found.st_mode) != kind {
        return Err(Refusal::of(
            "fstat",
            format!("the host's {path:?} is another device"),
        )(rustix::io::Errno::NXIO));
    }
    let clone = clone_tree(host.as_fd(), false).map_err(Refusal::of(
        "open_tree",
        format!("{path:?}, OPEN_TREE_CLONE"),
    ))?;
    let place = context.root.open_or_make(path, Kind::File)?;
    move_onto(clone.as_fd(), place.as_fd(), path)
}

/// `int symlinkat(const char *target, int newdirfd, const char *linkpath)`; one that is there
/// already stays.
pub fn make_link(context: &Context, path: &str, target: &str) -> Result<(), Refusal> {
    let (parent, name) = context.root.parent_of(path)?;
    match rustix::fs::symlinkat(target, &parent, name) {
        Ok(()) | Err(rustix::io::Errno::EXIST) => Ok(()),
        Err(errno) => Err(Refusal::of("symlinkat", format!("{target:?}, {path:?}"))(
            errno,
        )),
    }
}

/// `int mkdirat(int dirfd, const char *pathname, 0755)`, for each folder of it that is missing.
pub fn make_folder(context: &Context, path: &str) -> Result<(), Refusal> {
    context.root.open_or_make(path, Kind::Directory).map(drop)
}
