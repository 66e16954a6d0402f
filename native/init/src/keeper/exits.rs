//! Who has ended: every child of this process is reaped, and the record that is meant hears of it.
//!
//! A program with a `fork` step goes on in a process that is our child as well (`CLONE_PARENT`), of
//! which the daemon is told first. So the first process's end is not yet the child's, and an end
//! that no record knows is remembered until every start is settled.
//! Sources: wait(2), signalfd(2).

use super::Keeper;
use rustix::fd::OwnedFd;
use rustix::process::{WaitOptions, wait};
use slipway_wire::INIT_FAILED;

impl Keeper {
    pub(super) fn reap(&mut self) {
        // One reading takes all the signals that are pending: SIGCHLD is never there twice.
        let _ = rustix::io::read(&self.signals, &mut [0u8; 128][..]);
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            let code = status.exit_status().unwrap_or(-1);
            self.note_end(
                pid.as_raw_pid(),
                code,
                status.terminating_signal().unwrap_or(0),
            );
        }
        if !self.children.iter().any(|child| child.starter.is_some()) {
            self.unclaimed.clear();
        }
    }

    fn note_end(&mut self, pid: i32, code: i32, signal: i32) {
        let mut children = self.children.iter_mut();
        let Some(child) = children.find(|child| child.pid == pid && child.end.is_none()) else {
            self.unclaimed.push((pid, code, signal));
            return;
        };
        if child.starter.is_some() && child.forks_left > 0 && code == 0 {
            child.forks_left -= 1;
            child.pid = 0;
        } else {
            child.has_ended(code, signal);
        }
    }

    /// The start of `child` is over; `forked` is the process that its program's forks led to.
    pub(super) fn settle(&mut self, child: usize, forked: Option<(i32, OwnedFd)>) {
        let child = &mut self.children[child];
        child.starter = None;
        if let Some((pid, pidfd)) = forked {
            child.pid = pid;
            child.pidfd = pidfd;
            child.end = None;
        }
        if child.pid == 0 {
            child.has_ended(INIT_FAILED, 0);
        }
        let ended = self.unclaimed.iter().find(|(pid, ..)| *pid == child.pid);
        if let Some((_, code, signal)) = ended {
            child.has_ended(*code, *signal);
        }
    }
}
