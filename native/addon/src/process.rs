//! Processes by pidfd: a pid can be handed to another process, a pidfd can not.
//!
//! - [`pidfd_open`]: from a pid to the descriptor that stands for this process for good
//! - [`wait`], [`pidfd_send_signal`]: its end, and a signal to it
//!
//! Sources: pidfd_open(2), pidfd_send_signal(2), waitid(2).

use crate::readable::when_readable;
use crate::{refusal, refused};
use napi::Env;
use napi::bindgen_prelude::Function;
use napi_derive::napi;
use rustix::fd::{BorrowedFd, IntoRawFd};
use rustix::process::{Pid, PidfdFlags, WaitId, WaitIdOptions, waitid};

/// `int waitid(P_PIDFD, id_t id, siginfo_t *infop, WEXITED | WNOHANG)`: how our child ended: its
/// exit status, or minus the signal that ended it. Who gets the answer has reaped it: nobody can
/// ask again. Nothing while it lives; then `ended` is called, once, when there is something to ask.
#[napi]
pub fn wait(env: Env, pidfd: i32, ended: Function<(), ()>) -> napi::Result<Option<i32>> {
    // SAFETY: the caller owns the pidfd.
    let fd = unsafe { BorrowedFd::borrow_raw(pidfd) };
    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
    match rustix::io::retry_on_intr(|| waitid(WaitId::PidFd(fd), options)) {
        Ok(Some(status)) => Ok(Some(match status.terminating_signal() {
            Some(signal) => -signal,
            None => status.exit_status().unwrap_or_default(),
        })),
        // EAGAIN is what a pidfd that libuv has made non-blocking answers for WNOHANG, since 5.10.
        Ok(None) | Err(rustix::io::Errno::AGAIN) => when_readable(env, pidfd, ended).map(|()| None),
        Err(errno) => Err(refusal("waitid", "P_PIDFD, WEXITED|WNOHANG")(errno)),
    }
}

/// `int pidfd_open(pid_t pid, unsigned int flags)`
#[napi]
pub fn pidfd_open(pid: i32) -> napi::Result<i32> {
    let no_such = || refused("pidfd_open", &format!("{pid}, 0"), libc::ESRCH);
    let pid_value = Pid::from_raw(pid).filter(|_| pid > 0).ok_or_else(no_such)?;
    rustix::process::pidfd_open(pid_value, PidfdFlags::empty())
        .map(IntoRawFd::into_raw_fd)
        .map_err(refusal("pidfd_open", format!("{pid}, 0")))
}

/// `int pidfd_send_signal(int pidfd, int sig, siginfo_t *info, unsigned int flags)`; signal 0 only
/// asks whether the process is there.
#[napi]
pub fn pidfd_send_signal(pidfd: i32, signal: i32) -> napi::Result<()> {
    // SAFETY: the call reads two numbers; a null info lets the kernel fill it as kill(2) would.
    let result = unsafe {
        libc::syscall(
            libc::SYS_pidfd_send_signal,
            pidfd,
            signal,
            std::ptr::null::<libc::siginfo_t>(),
            0,
        )
    };
    match result {
        -1 => Err(refused(
            "pidfd_send_signal",
            &format!("pidfd, {signal}"),
            last_errno(),
        )),
        _ => Ok(()),
    }
}

fn last_errno() -> i32 {
    std::io::Error::last_os_error()
        .raw_os_error()
        .unwrap_or(libc::EIO)
}
