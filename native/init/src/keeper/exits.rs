//! Who has ended: every child of this process is reaped, and the record that is meant hears of it.
//!
//! A program with a `fork` step goes on in a process that is our child as well (`CLONE_PARENT`), of
//! which the daemon is told first. So the first process's end is not yet the child's; as long
//! as a start is not settled, a process that no record knows is left as it is when it has ended.
//! Whoever reaped it would take its number away, by which the daemon finds out who it is.
//! Sources: wait(2), signalfd(2), proc_pid_fdinfo(5).

use super::Keeper;
use crate::kernel;
use alloc::vec::Vec;
use linux_raw_sys::general::SIGKILL;
use rustix::buffer::spare_capacity;
use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, WaitOptions, WaitStatus, wait, waitpid};
use slipway_wire::INIT_FAILED;

/// Room for the pids of all children that a keeper may have.
const LONGEST_LIST: usize = 16 * 1024;

impl Keeper {
    pub(super) fn reap(&mut self) {
        // One reading takes all the signals that are pending: SIGCHLD is never there twice.
        let _ = rustix::io::read(&self.signals, &mut [0u8; 128][..]);
        if self.children.iter().any(|child| child.starter.is_some()) {
            self.reap_recorded();
            return;
        }
        // A stray is nobody's; whoever is recorded hears of his end.
        while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
            let pid = pid.as_raw_pid();
            let mut children = self.children.iter();
            let known = children.position(|child| child.pid == pid && child.end.is_none());
            if let Some(index) = known {
                self.note_end(index, status);
            }
        }
    }

    fn reap_recorded(&mut self) {
        for index in 0..self.children.len() {
            let child = &self.children[index];
            if let Some(status) = child.end.is_none().then(|| ended(child.pid)).flatten() {
                self.note_end(index, status);
            }
        }
    }

    fn note_end(&mut self, index: usize, status: WaitStatus) {
        let child = &mut self.children[index];
        let code = status.exit_status().unwrap_or(-1);
        if child.forks_left == 0 || code != 0 {
            child.has_ended(code, status.terminating_signal().unwrap_or(0));
            return;
        }
        child.forks_left -= 1;
        child.pid = 0;
        if child.starter.is_none() {
            self.abandon(index);
        }
    }

    /// Nobody is left who could say what became of this start: it is none.
    pub(super) fn abandon(&mut self, child: usize) {
        let child = &mut self.children[child];
        child.starter = None;
        if child.pid != 0 {
            return;
        }
        child.has_ended(INIT_FAILED, 0);
        if self.children.iter().all(|child| child.starter.is_none()) {
            self.kill_strays();
        }
    }

    /// Kills the children that no record knows: a `fork` step has left them, and the daemon that
    /// was told of it has gone. As they are not reaped, their pids mean nobody else.
    fn kill_strays(&self) {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        let Ok(list) = rustix::fs::open("/proc/thread-self/children", flags, Mode::empty()) else {
            return;
        };
        let mut text = Vec::with_capacity(LONGEST_LIST);
        let _ = rustix::io::read(&list, spare_capacity(&mut text));
        let pids = text.split(|byte| *byte == b' ');
        let pids = pids.filter_map(|pid| core::str::from_utf8(pid).ok()?.parse().ok());
        for pid in pids.filter(|pid| !self.children.iter().any(|child| child.pid == *pid)) {
            if let Some(pid) = Pid::from_raw(pid) {
                let _ = kernel::kill(pid, SIGKILL as i32);
            }
        }
    }

    /// The start of `child` is over; `forked` is the process that its program's forks led to.
    pub(super) fn settle(&mut self, child: usize, forked: Option<(i32, OwnedFd)>) {
        let child = &mut self.children[child];
        child.starter = None;
        child.forks_left = 0;
        if let Some((pid, pidfd)) = forked {
            child.pid = pid;
            child.pidfd = pidfd;
            child.end = None;
        }
        if child.pid == 0 {
            child.has_ended(INIT_FAILED, 0);
        }
        // Those that ended meanwhile have sent their signals already.
        self.reap();
    }
}

/// How the process `pid` has ended, if it has; from then on it is gone.
fn ended(pid: i32) -> Option<WaitStatus> {
    let pid = Pid::from_raw(pid)?;
    let (_, status) = waitpid(Some(pid), WaitOptions::NOHANG).ok().flatten()?;
    Some(status)
}
