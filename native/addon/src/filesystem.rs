//! File systems as descriptors: made, mounted nowhere, handed on.
//!
//! - [`make_file_system`]: `fsopen`, one `fsconfig` an option, `fsmount`
//! - [`make_file_system_by_text`]: `mount` and `open_tree`, for one that reads its options itself
//! - [`open_beneath`]: a file or a folder below a descriptor, through no link
//!
//! Such a mount is in nobody's mount table. Who holds a descriptor reaches its files with
//! `openat2`, and closing the last one unmounts it.
//! Sources: fsopen(2), fsconfig(2), fsmount(2), mount(2), open_tree(2), openat2(2).

use crate::{refusal, refused};
use napi_derive::napi;
use rustix::fd::{AsFd, BorrowedFd, IntoRawFd, OwnedFd};
use rustix::fs::{CWD, Mode, OFlags, ResolveFlags};
use rustix::io::Errno;
use rustix::mount::{
    FsMountFlags, FsOpenFlags, MountAttrFlags, MountFlags, MountPropagationFlags, OpenTreeFlags,
};
use std::ffi::CString;

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

/// `int mount("none", place, kind, 0, texts[0])`, `MS_REMOUNT` for each further text, and
/// `int open_tree(AT_FDCWD, place, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)`.
///
/// fsconfig(2) hands an old file system its options with a comma before the first; one that stops
/// at an empty word, as aufs does, then sees none of them. A text is less than a page. The thread
/// has a mount namespace of its own, so nobody sees the mount at `place`, which goes with it.
#[napi]
pub fn make_file_system_by_text(
    kind: String,
    place: String,
    texts: Vec<String>,
) -> napi::Result<i32> {
    let made = std::thread::spawn(move || {
        // SAFETY: memory and descriptors stay shared; only the view of the mounts is the thread's.
        if unsafe { libc::unshare(libc::CLONE_NEWNS) } != 0 {
            let errno = std::io::Error::last_os_error().raw_os_error();
            return Err(refused(
                "unshare",
                "CLONE_NEWNS",
                errno.unwrap_or(libc::EIO),
            ));
        }
        let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
        rustix::mount::mount_change("/", private).map_err(refusal("mount", "/, MS_PRIVATE"))?;
        for (turn, text) in texts.iter().enumerate() {
            by_text(&kind, &place, text, turn > 0)?;
        }
        let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
        rustix::mount::open_tree(CWD, &*place, flags)
            .map(IntoRawFd::into_raw_fd)
            .map_err(refusal("open_tree", format!("{place:?}")))
    });
    made.join()
        .unwrap_or_else(|_| Err(refused("mount", "its thread ended", libc::EIO)))
}

fn by_text(kind: &str, place: &str, text: &str, again: bool) -> napi::Result<()> {
    let shown = format!("{kind}, {text:?}");
    let data = CString::new(text).map_err(|_| refused("mount", &shown, libc::EINVAL))?;
    let mounted = match again {
        true => rustix::mount::mount_remount(place, MountFlags::empty(), &*data),
        false => rustix::mount::mount("none", place, kind, MountFlags::empty(), &*data),
    };
    mounted.map_err(refusal("mount", shown))
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

/// `int openat2(int dirfd, path, {flags | O_CLOEXEC, mode, resolve})`: below `root`. No name of
/// the path may be a link; or links are followed, and `root` is where they `end`, or what they must
/// stay `beneath`.
#[napi]
pub fn open_beneath(
    root: i32,
    path: &[u8],
    flags: i32,
    mode: u32,
    links: Option<String>,
) -> napi::Result<i32> {
    // SAFETY: the caller owns the descriptor.
    let fd = unsafe { BorrowedFd::borrow_raw(root) };
    let flags = OFlags::from_bits_retain(flags.cast_unsigned()) | OFlags::CLOEXEC;
    let mode = Mode::from_raw_mode(mode);
    let scope = match links.as_deref() {
        Some("end") => Some(ResolveFlags::IN_ROOT),
        Some(_) => Some(ResolveFlags::BENEATH),
        None => None,
    };
    let opened = match scope {
        Some(scope) => {
            let path = if path.is_empty() { b"." } else { path };
            rustix::fs::openat2(fd, path, flags, mode, scope | ResolveFlags::NO_MAGICLINKS)
        }
        None => crate::files::beneath::open_beneath(fd, path, flags, mode),
    };
    opened.map(IntoRawFd::into_raw_fd).map_err(refusal(
        "openat2",
        format!("{:?}", String::from_utf8_lossy(path)),
    ))
}
