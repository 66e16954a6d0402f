//! PID 1 that stays: what `--init` is for.
//!
//! A PID 1 has two duties that applications do not know of: to take the status of every orphan
//! (or they stay as zombies), and to have handlers for signals (the kernel drops those that a
//! PID 1 does not handle). So init keeps number 1, and a child of it becomes the application.
//!
//! Sources: pid_namespaces(7), wait(2), sigwaitinfo(2), fork(2).

use crate::refusal::{Refusal, last_errno};

/// `pid_t fork(void)`: the child goes on with the program; this process stays as PID 1, passes
/// signals on to the child, reaps whatever ends, and ends with the child's status.
pub fn stay_as_init() -> Result<(), Refusal> {
    // Blocked before the fork: a signal that comes meanwhile waits for `sigwaitinfo`.
    let everything = block_everything();
    // SAFETY: this process has one thread, so the child's copy of memory is consistent.
    match unsafe { libc::fork() } {
        -1 => Err(Refusal::of("fork", "")(last_errno())),
        0 => {
            unblock_everything();
            Ok(())
        }
        application => supervise(application, &everything),
    }
}

fn supervise(application: libc::pid_t, everything: &libc::sigset_t) -> ! {
    // The channel's end of file is the parent's sign that the application runs: only the child
    // may still hold it. The streams are the application's; a pipe ends when it closes them.
    let _ = rustix::thread::set_name(c"slipway-init");
    // SAFETY: closes descriptors by number; nothing in this process is used after it.
    unsafe { libc::syscall(libc::SYS_close_range, 0, u32::MAX, 0) };
    loop {
        // SAFETY: the set lives in the caller's frame, which never ends; no siginfo is wanted.
        let signal = unsafe { libc::sigwaitinfo(everything, std::ptr::null_mut()) };
        match signal {
            libc::SIGCHLD => {
                if let Some(status) = reap_all(application) {
                    // SAFETY: `_exit` never returns; what is left inside ends with PID 1.
                    unsafe { libc::_exit(status) }
                }
            }
            // The application's terminal stops and wakes it by itself.
            libc::SIGTTIN | libc::SIGTTOU | libc::SIGTSTP => {}
            // SAFETY: a signal to our own child, which is not reaped before the loop ends.
            signal if signal > 0 => unsafe {
                libc::kill(application, signal);
            },
            _ => {}
        }
    }
}

/// Takes the status of every child that has ended; that of `application` is the result.
fn reap_all(application: libc::pid_t) -> Option<libc::c_int> {
    let mut result = None;
    loop {
        let mut status = 0;
        // SAFETY: the status lives on this stack.
        let ended = unsafe { libc::waitpid(-1, &mut status, libc::WNOHANG) };
        if ended <= 0 {
            return result;
        }
        if ended == application {
            result = Some(match libc::WIFSIGNALED(status) {
                true => 128 + libc::WTERMSIG(status),
                false => libc::WEXITSTATUS(status),
            });
        }
    }
}

fn block_everything() -> libc::sigset_t {
    // SAFETY: the set lives on this stack and is filled before it is read.
    unsafe {
        let mut set = std::mem::zeroed();
        libc::sigfillset(&mut set);
        libc::sigprocmask(libc::SIG_SETMASK, &set, std::ptr::null_mut());
        set
    }
}

fn unblock_everything() {
    // SAFETY: as above.
    unsafe {
        let mut set = std::mem::zeroed();
        libc::sigemptyset(&mut set);
        libc::sigprocmask(libc::SIG_SETMASK, &set, std::ptr::null_mut());
    }
}
