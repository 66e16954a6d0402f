//! Mounts that hang nowhere, and what is found out before they are made.
//!
//! - [`open_path`], [`open_in_root`]: a name becomes a descriptor, once
//! - [`clone_mount`]: a bind mount of what a descriptor has opened
//! - [`clone_mount_of`]: the same of what a path leads to in another mount namespace
//! - [`set_mount`]: its flags, its propagation and its owners, before anyone can see it
//! - [`try_lock`]: a claim on a folder that ends with its holder
//! - [`seal_record`]: bytes that hang on a process, by a name that others look for
//!
//! Everything is done to a descriptor: what was looked at is what is mounted, whoever renames the
//! path meanwhile. Sources: open_tree(2), mount_setattr(2), openat2(2), flock(2), memfd_create(2).

use crate::{refusal, refused};
use napi_derive::napi;
use rustix::fd::{AsFd, AsRawFd, BorrowedFd, IntoRawFd, OwnedFd};
use rustix::fs::{FlockOperation, MemfdFlags, Mode, OFlags, ResolveFlags, SealFlags};
use rustix::io::Errno;
use rustix::mount::OpenTreeFlags;

/// So often the kernel may ask to look again because somebody renamed something on the way.
const MOST_LOOKS: usize = 128;

/// What is changed of a mount; the numbers are those of linux/mount.h.
#[napi(object)]
pub struct MountChange {
    /// `MOUNT_ATTR_*` bits to set.
    pub set: u32,
    /// `MS_PRIVATE`, `MS_SLAVE`, `MS_SHARED`, or 0 to leave the propagation as it is.
    pub propagation: u32,
    /// The user namespace whose maps the owners are seen through, or nothing.
    pub owners: Option<i32>,
    /// With everything that is mounted below.
    pub recursive: bool,
}

/// `int open(const char *path, O_PATH | O_CLOEXEC)`: what the path leads to now.
#[napi]
pub fn open_path(path: String) -> napi::Result<i32> {
    rustix::fs::open(&path, OFlags::PATH | OFlags::CLOEXEC, Mode::empty())
        .map(IntoRawFd::into_raw_fd)
        .map_err(refusal("open", format!("{path:?}, O_PATH")))
}

/// `int openat2(int dirfd, path, {O_PATH, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS})`:
/// what `path` leads to for a process whose root `root` is.
#[napi]
pub fn open_in_root(root: i32, path: String) -> napi::Result<i32> {
    // SAFETY: the caller owns the descriptor.
    let fd = unsafe { BorrowedFd::borrow_raw(root) };
    let resolve = ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS;
    let flags = OFlags::PATH | OFlags::CLOEXEC;
    let mut found = Err(Errno::AGAIN);
    for _ in 0..MOST_LOOKS {
        found = rustix::fs::openat2(fd, &path, flags, Mode::empty(), resolve);
        if !matches!(found, Err(Errno::AGAIN)) {
            break;
        }
    }
    found
        .map(IntoRawFd::into_raw_fd)
        .map_err(refusal("openat2", format!("{path:?}, RESOLVE_IN_ROOT")))
}

/// `int open_tree(int dirfd, "", AT_EMPTY_PATH | OPEN_TREE_CLONE [| AT_RECURSIVE])`: a mount of
/// exactly what `source` has opened. Closing it is all the clean-up that there is.
#[napi]
pub fn clone_mount(source: i32, recursive: bool) -> napi::Result<i32> {
    // SAFETY: the caller owns the descriptor.
    let fd = unsafe { BorrowedFd::borrow_raw(source) };
    let mut flags = OpenTreeFlags::OPEN_TREE_CLONE
        | OpenTreeFlags::OPEN_TREE_CLOEXEC
        | OpenTreeFlags::AT_EMPTY_PATH;
    if recursive {
        flags |= OpenTreeFlags::AT_RECURSIVE;
    }
    rustix::mount::open_tree(fd, "", flags)
        .map(IntoRawFd::into_raw_fd)
        .map_err(refusal("open_tree", format!("…, {flags:?}")))
}

/// `int setns(int fd, CLONE_NEWNS)`, `int openat2(AT_FDCWD, path, {O_PATH, .resolve =
/// RESOLVE_NO_SYMLINKS})` and [`clone_mount`]: a mount of what `path` is for whoever lives in the
/// mount namespace behind `namespace`, and who is not trusted.
///
/// Both move one thread, so the thread is made for it and ends; a view of its own it must have
/// before it may go.
#[napi]
pub fn clone_mount_of(namespace: i32, path: String) -> napi::Result<i32> {
    let there = move || {
        let errno = || std::io::Error::last_os_error().raw_os_error();
        // SAFETY: two numbers, and the thread is ours alone.
        if unsafe { libc::unshare(libc::CLONE_FS) } != 0 {
            return Err(refused("unshare", "CLONE_FS", errno().unwrap_or(libc::EIO)));
        }
        // SAFETY: the same.
        if unsafe { libc::setns(namespace, libc::CLONE_NEWNS) } != 0 {
            let args = "namespace, CLONE_NEWNS";
            return Err(refused("setns", args, errno().unwrap_or(libc::EIO)));
        }
        let flags = OFlags::PATH | OFlags::CLOEXEC;
        let resolve = ResolveFlags::NO_SYMLINKS;
        let found = rustix::fs::openat2(rustix::fs::CWD, &path, flags, Mode::empty(), resolve)
            .map_err(refusal("openat2", format!("{path:?}, RESOLVE_NO_SYMLINKS")))?;
        clone_mount(found.as_raw_fd(), false)
    };
    std::thread::Builder::new()
        .stack_size(64 * 1024)
        .spawn(there)
        .map_err(|error| refused("clone3", "a thread", error.raw_os_error().unwrap_or(0)))?
        .join()
        .unwrap_or_else(|_| Err(refused("clone3", "a thread that panicked", libc::EIO)))
}

/// `int mount_setattr(int dirfd, "", AT_EMPTY_PATH [| AT_RECURSIVE], struct mount_attr *, size)`
#[napi]
pub fn set_mount(mount: i32, change: MountChange) -> napi::Result<()> {
    /// `struct mount_attr` of linux/mount.h, first version.
    #[repr(C)]
    struct Attributes {
        set: u64,
        clear: u64,
        propagation: u64,
        userns: u64,
    }
    const MOUNT_ATTR_IDMAP: u64 = 0x0010_0000;
    const AT_RECURSIVE: libc::c_int = 0x8000;
    let mapped = if change.owners.is_some() {
        MOUNT_ATTR_IDMAP
    } else {
        0
    };
    let attributes = Attributes {
        set: u64::from(change.set) | mapped,
        clear: 0,
        propagation: u64::from(change.propagation),
        userns: change.owners.map_or(0, |fd| u64::from(fd.unsigned_abs())),
    };
    let below = if change.recursive { AT_RECURSIVE } else { 0 };
    // SAFETY: the path ends in NUL, the structure has the kernel's layout; both outlive the call.
    let result = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mount,
            c"".as_ptr(),
            libc::AT_EMPTY_PATH | below,
            &raw const attributes,
            size_of::<Attributes>(),
        )
    };
    if result == 0 {
        return Ok(());
    }
    let errno = std::io::Error::last_os_error()
        .raw_os_error()
        .unwrap_or(libc::EIO);
    let args = format!(
        "{{.attr_set = {:#x}, .propagation = {:#x}}}",
        attributes.set, attributes.propagation
    );
    Err(refused("mount_setattr", &args, errno))
}

/// `int flock(int fd, LOCK_SH | LOCK_NB)` or `LOCK_EX`: whether the claim was granted. It belongs
/// to the open file and ends when the last descriptor of it is closed, also by a SIGKILL.
#[napi]
pub fn try_lock(descriptor: i32, exclusive: bool) -> napi::Result<bool> {
    // SAFETY: the caller owns the descriptor.
    let fd = unsafe { BorrowedFd::borrow_raw(descriptor) };
    let operation = match exclusive {
        true => FlockOperation::NonBlockingLockExclusive,
        false => FlockOperation::NonBlockingLockShared,
    };
    match rustix::io::retry_on_intr(|| rustix::fs::flock(fd, operation)) {
        Ok(()) => Ok(true),
        Err(Errno::WOULDBLOCK) => Ok(false),
        Err(errno) => Err(refusal("flock", format!("{operation:?}"))(errno)),
    }
}

/// `int memfd_create(const char *name, MFD_CLOEXEC | MFD_ALLOW_SEALING)`, filled and sealed: in
/// `/proc/PID/fd` it is `/memfd:name`, and gone with the process.
#[napi]
pub fn seal_record(name: String, bytes: &[u8]) -> napi::Result<i32> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let file: OwnedFd = rustix::fs::memfd_create(&name, flags)
        .map_err(refusal("memfd_create", format!("{name:?}")))?;
    let mut left = bytes;
    while !left.is_empty() {
        let written = rustix::io::retry_on_intr(|| rustix::io::write(file.as_fd(), left))
            .map_err(refusal("write", format!("{name:?}")))?;
        left = &left[written..];
    }
    let seals = SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE;
    rustix::fs::fcntl_add_seals(&file, seals).map_err(refusal("fcntl", "F_ADD_SEALS"))?;
    Ok(file.into_raw_fd())
}
