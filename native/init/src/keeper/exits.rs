//! Who has ended: every child of this process is reaped, and the record that is meant hears of it.
//!
//! A program with a `fork` step goes on in a process that is our child as well (`CLONE_PARENT`), of
//! which the daemon is told first. So the first process's end is not yet the child's, and an end
//! that no record knows is remembered until every start is settled.
//! Sources: wait(2), signalfd(2).

use super::Keeper;
use super::child::Child;
use crate::kernel;
use alloc::vec::Vec;
use linux_raw_sys::general::SIGKILL;
use rustix::buffer::spare_capacity;
use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, WaitOptions, wait};
use slipway_wire::INIT_FAILED;

/// Room for the pids of all children that a keeper may have.
const LONGEST_LIST: usize = 16 * 1024;

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
        let mut children = self.children.iter();
        let is_its = |child: &Child| child.pid == pid && child.end.is_none();
        let Some(child_index) = children.position(is_its) else {
            self.unclaimed.push((pid, code, signal));
            return;
        };
        let child = &mut self.children[child_index];
        if child.forks_left == 0 || code != 0 {
            child.has_ended(code, signal);
            return;
        }
        child.forks_left -= 1;
        child.pid = 0;
        if child.starter.is_none() {
            self.abandon(child_index);
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
        let ended = self.unclaimed.iter().find(|(pid, ..)| *pid == child.pid);
        if let Some((_, code, signal)) = ended {
            child.has_ended(*code, *signal);
        }
    }
}
