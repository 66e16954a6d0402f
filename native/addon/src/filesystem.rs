//! File systems as descriptors: made, mounted nowhere, handed on.
//!
//! - [`make_file_system`]: `fsopen`, one `fsconfig` an option, `fsmount`
//! - [`open_beneath`]: a file or a folder below a descriptor, through no link
//!
//! Such a mount is in nobody's mount table. Who holds a descriptor reaches its files with
//! `openat2`, and closing the last one unmounts it.
//! Sources: fsopen(2), fsconfig(2), fsmount(2), openat2(2).

use crate::{refusal, refused};
use napi_derive::napi;
use rustix::fd::{AsFd, BorrowedFd, IntoRawFd, OwnedFd};
use rustix::fs::{Mode, OFlags, ResolveFlags};
use rustix::io::Errno;
use rustix::mount::{FsMountFlags, FsOpenFlags, MountAttrFlags};

/// One `fsconfig(2)`: a flag, a string, or a descriptor.
#[napi(object)]
pub struct FileSystemOption {
    pub key: String,
    pub value: Option<String>,
    pub descriptor: Option<i32>,
}

/// `int fsopen(const char *fsname, FSOPEN_CLOEXEC)`, then `fsconfig` for each option in order,
/// `FSCONFIG_CMD_CREATE`, and `int fsmount(int fsfd, FSMOUNT_CLOEXEC, 0)`.
///
/// With `folder` the paths in the options are relative to it. The working directory belongs to the
/// whole process, so the calls are made on a thread that lives for them alone and has one of its
/// own (`unshare(CLONE_FS)`; no namespace is entered).
#[napi]
pub fn make_file_system(
    kind: String,
    options: Vec<FileSystemOption>,
    folder: Option<String>,
) -> napi::Result<i32> {
    let Some(folder) = folder else {
        return make(kind, options);
    };
    let made = std::thread::spawn(move || {
        // SAFETY: the thread shares memory and descriptors as before; only its directory is new.
        if unsafe { libc::unshare(libc::CLONE_FS) } != 0 {
            let errno = std::io::Error::last_os_error().raw_os_error();
            return Err(refused("unshare", "CLONE_FS", errno.unwrap_or(libc::EIO)));
        }
        rustix::process::chdir(&*folder).map_err(refusal("chdir", format!("{folder:?}")))?;
        make(kind, options)
    });
    made.join()
        .unwrap_or_else(|_| Err(refused("fsmount", "its thread ended", libc::EIO)))
}

fn make(kind: String, options: Vec<FileSystemOption>) -> napi::Result<i32> {
    let context = rustix::mount::fsopen(&*kind, FsOpenFlags::FSOPEN_CLOEXEC)
        .map_err(refusal("fsopen", format!("{kind:?}")))?;
    for option in &options {
        configure(&context, option).map_err(|errno| {
            let FileSystemOption { key, value, .. } = option;
            let shown = match (option.descriptor, value) {
                (Some(number), _) => format!("{key}=descriptor {number}"),
                (None, Some(text)) => format!("{key}={text:?}"),
                (None, None) => key.clone(),
            };
            told(&context, "fsconfig", format!("{kind}, {shown}"), errno)
        })?;
    }
    rustix::mount::fsconfig_create(context.as_fd())
        .map_err(|errno| told(&context, "fsconfig", format!("{kind}, CMD_CREATE"), errno))?;
    let (flags, attributes) = (FsMountFlags::FSMOUNT_CLOEXEC, MountAttrFlags::empty());
    rustix::mount::fsmount(context.as_fd(), flags, attributes)
        .map(IntoRawFd::into_raw_fd)
        .map_err(|errno| told(&context, "fsmount", kind, errno))
}

fn configure(context: &OwnedFd, option: &FileSystemOption) -> rustix::io::Result<()> {
    let FileSystemOption { key, value, .. } = option;
    match (option.descriptor, value) {
        (Some(number), _) => {
            // SAFETY: the caller owns the descriptor and keeps it open during the call.
            let fd = unsafe { BorrowedFd::borrow_raw(number) };
            rustix::mount::fsconfig_set_fd(context.as_fd(), &**key, fd)
        }
        (None, Some(text)) => {
            rustix::mount::fsconfig_set_string(context.as_fd(), &**key, text.as_str())
        }
        (None, None) => rustix::mount::fsconfig_set_flag(context.as_fd(), &**key),
    }
}

/// The context's own log says more than an errno: its last line goes with the refusal.
fn told(context: &OwnedFd, syscall: &str, args: String, errno: Errno) -> napi::Error {
    let mut line = [0u8; 512];
    let mut last = String::new();
    while let Ok(length @ 1..) = rustix::io::read(context, &mut line) {
        last = String::from_utf8_lossy(&line[..length]).trim().to_owned();
    }
    let shown = match last.is_empty() {
        true => args,
        false => format!("{args}: {last}"),
    };
    refused(syscall, &shown, errno.raw_os_error())
}

/// `int openat2(int dirfd, path, {flags | O_CLOEXEC, mode, resolve})`: below `root`. Without
/// `follow` no name of the path may be a link; with it links are followed, and end at `root`.
#[napi]
pub fn open_beneath(
    root: i32,
    path: &[u8],
    flags: i32,
    mode: u32,
    follow: bool,
) -> napi::Result<i32> {
    // SAFETY: the caller owns the descriptor.
    let fd = unsafe { BorrowedFd::borrow_raw(root) };
    let path = if path.is_empty() { b"." } else { path };
    let resolve = match follow {
        true => ResolveFlags::IN_ROOT | ResolveFlags::NO_MAGICLINKS,
        false => ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS,
    };
    let flags = OFlags::from_bits_retain(flags.cast_unsigned()) | OFlags::CLOEXEC;
    let mode = Mode::from_raw_mode(mode);
    rustix::fs::openat2(fd, path, flags, mode, resolve)
        .map(IntoRawFd::into_raw_fd)
        .map_err(refusal(
            "openat2",
            format!("{:?}", String::from_utf8_lossy(path)),
        ))
}
