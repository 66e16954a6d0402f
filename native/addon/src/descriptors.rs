//! Descriptors that Node cannot make by itself. All are close-on-exec and the caller's to close.
//!
//! - [`seal_program`]: a memfd that nobody can change any more
//! - [`pipe`], [`open_read_only`], [`open_read_write`], [`open_tree`]: what a child is handed
//! - [`event_counter`]: what a control group tells that memory is short
//! - [`is_open`], [`close`], [`set_window_size`]: what is done with them
//!
//! Sources: memfd_create(2), pipe(2), namespaces(7), ioctl_tty(2).

use crate::{refusal, refused};
use napi_derive::napi;
use rustix::fd::{AsFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd};
use rustix::fs::{MemfdFlags, Mode, OFlags, SealFlags};
use rustix::io::Errno;
use rustix::mount::OpenTreeFlags;
use rustix::termios::Winsize;

/// `int memfd_create(const char *name, unsigned int flags)`, filled and sealed: an executable that
/// nobody can change any more, neither through `/proc/PID/exe` nor by its descriptor.
#[napi]
pub fn seal_program(path: String) -> napi::Result<i32> {
    let bytes = std::fs::read(&path).map_err(|error| {
        let errno = error.raw_os_error().unwrap_or(libc::EIO);
        refused("open", &format!("{path:?}, O_RDONLY"), errno)
    })?;
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    // Since 6.3 a memfd says whether it may be executed; before, the flag is unknown.
    let file = match rustix::fs::memfd_create("slipway-init", flags | MemfdFlags::EXEC) {
        Err(Errno::INVAL) => rustix::fs::memfd_create("slipway-init", flags),
        made => made,
    }
    .map_err(refusal("memfd_create", "\"slipway-init\""))?;
    fill_and_seal(file, &bytes)
}

/// All of `bytes` into a memfd.
pub fn write_all(file: &OwnedFd, mut bytes: &[u8]) -> napi::Result<()> {
    while !bytes.is_empty() {
        let written = rustix::io::retry_on_intr(|| rustix::io::write(file, bytes))
            .map_err(refusal("write", "memfd"))?;
        bytes = &bytes[written..];
    }
    Ok(())
}

fn fill_and_seal(file: OwnedFd, bytes: &[u8]) -> napi::Result<i32> {
    write_all(&file, bytes)?;
    let seals = SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE;
    rustix::fs::fcntl_add_seals(&file, seals).map_err(refusal("fcntl", "F_ADD_SEALS"))?;
    Ok(file.into_raw_fd())
}

/// `int open(const char *path, O_RDONLY | O_CLOEXEC)`: a namespace's own file.
#[napi]
pub fn open_read_only(path: String) -> napi::Result<i32> {
    open(&path, OFlags::RDONLY, "O_RDONLY|O_CLOEXEC")
}

fn open(path: &str, flags: OFlags, shown: &str) -> napi::Result<i32> {
    rustix::fs::open(path, flags | OFlags::CLOEXEC, Mode::empty())
        .map(IntoRawFd::into_raw_fd)
        .map_err(refusal("open", format!("{path:?}, {shown}")))
}

/// `int eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)`
#[napi]
pub fn event_counter() -> napi::Result<i32> {
    // SAFETY: two numbers; the descriptor is the caller's.
    match unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) } {
        -1 => {
            let errno = std::io::Error::last_os_error().raw_os_error();
            Err(refused("eventfd", "0", errno.unwrap_or(libc::EIO)))
        }
        descriptor => Ok(descriptor),
    }
}

/// `int open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC [| AT_RECURSIVE])`: a bind
/// mount of `path` that hangs nowhere; closing it is all the clean-up that there is.
#[napi]
pub fn open_tree(path: String, recursive: bool) -> napi::Result<i32> {
    let mut flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
    if recursive {
        flags |= OpenTreeFlags::AT_RECURSIVE;
    }
    rustix::mount::open_tree(rustix::fs::CWD, &path, flags)
        .map(IntoRawFd::into_raw_fd)
        .map_err(refusal("open_tree", format!("{path:?}, {flags:?}")))
}

/// `int close(int fd)`
#[napi]
pub fn close(descriptor: i32) {
    // SAFETY: the caller hands over what it owns.
    drop(unsafe { OwnedFd::from_raw_fd(descriptor) });
}

/// `int ioctl(int fd, TIOCSWINSZ, const struct winsize *argp)`: the kernel then tells the
/// terminal's foreground process by SIGWINCH.
#[napi]
pub fn set_window_size(terminal: i32, rows: u16, columns: u16) -> napi::Result<()> {
    // SAFETY: the caller owns the descriptor.
    let fd = unsafe { BorrowedFd::borrow_raw(terminal) };
    let size = Winsize {
        ws_row: rows,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    rustix::termios::tcsetwinsize(fd.as_fd(), size).map_err(refusal("ioctl", "TIOCSWINSZ"))
}
