//! PID 1 that stays: what `--init` is for.
//!
//! A PID 1 has two duties that applications do not know of: to take the status of every orphan
//! (or they stay as zombies), and to have handlers for signals (the kernel drops those that a
//! PID 1 does not handle). So init keeps number 1, and a child of it becomes the application.
//!
//! Sources: pid_namespaces(7), wait(2), rt_sigtimedwait(2), fork(2).

use crate::{Context, kernel, refusal::Refusal};
use alloc::borrow::ToOwned;
use linux_raw_sys::general::{SIGCHLD, SIGTSTP, SIGTTIN, SIGTTOU};
use rustix::process::{Pid, WaitOptions, wait};
use slipway_wire::Step;

/// `pid_t fork(void)`: the child goes on with the program; this process stays as PID 1, passes
/// signals on to the child, reaps whatever ends, and ends with the child's status.
pub fn stay_as_init(context: &Context, last: Option<&Step>) -> Result<(), Refusal> {
    // Blocked before the fork: a signal that comes meanwhile waits for `rt_sigtimedwait`.
    kernel::block_signals(true);
    match kernel::fork().map_err(Refusal::of("fork", ""))? {
        Some(application) => {
            show(context, last);
            supervise(application)
        }
        None => {
            kernel::block_signals(false);
            Ok(())
        }
    }
}

/// As `ps` shows other inits: `slipway-init -- ` and the application's words.
fn show(context: &Context, last: Option<&Step>) {
    let mut title = "slipway-init --".to_owned();
    if let Some(Step::Exec { argv, .. }) = last {
        for word in argv {
            title.push(' ');
            title.push_str(word);
        }
    }
    // SAFETY: the program was read into memory of its own before its first step.
    unsafe { context.title.write(title.as_bytes()) };
}

fn supervise(application: Pid) -> ! {
    let _ = rustix::thread::set_name(c"slipway-init");
    // The channel's end of file is the parent's sign that the application runs: only the child
    // may still hold it. The streams are the application's; a pipe ends when it closes them.
    // SAFETY: from here on this process only waits and signals.
    unsafe { kernel::close_everything() };
    loop {
        match kernel::wait_for_signal() as u32 {
            SIGCHLD => {
                if let Some(status) = reap_all(application) {
                    // What is left inside ends with PID 1.
                    kernel::exit(status)
                }
            }
            // The application's terminal stops and wakes it by itself.
            0 | SIGTTIN | SIGTTOU | SIGTSTP => {}
            signal => {
                let _ = kernel::kill(application, signal as i32);
            }
        }
    }
}

/// Takes the status of every child that has ended; that of `application` is the result.
fn reap_all(application: Pid) -> Option<i32> {
    let mut result = None;
    while let Ok(Some((ended, status))) = wait(WaitOptions::NOHANG) {
        if ended == application {
            let by_signal = status.terminating_signal().map(|signal| 128 + signal);
            result = by_signal.or(status.exit_status());
        }
    }
    result
}
