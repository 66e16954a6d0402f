//! One child of the keeper: its process, its streams, its end.
//!
//! - [`Child`]: the record, from its birth until its end has been told and its last byte written
//! - [`Child::take_turn`]: what follows from what has happened: sinks end, the end may be told
//!
//! | state       | how it is left                                                              |
//! |-------------|-----------------------------------------------------------------------------|
//! | starting    | `settled`, or the end of the connection that bore it                        |
//! | running     | its process is reaped                                                       |
//! | ended       | its streams are at their end and written, or the farewell has been too long |
//! | told        | every sink is drained or gone: then the record goes                         |

use super::log::Log;
use super::pump::{Room, Source, is_held_up};
use super::sinks::Sink;
use crate::kernel;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use rustix::fd::{AsFd, OwnedFd};
use rustix::io::Errno;
use slipway_wire::keeper::{Ending, Farewell, LONGEST_FAREWELL_MS};

pub struct Child {
    pub name: String,
    /// 0 while its process has left the program to a child of which we have not heard.
    pub pid: i32,
    pub pidfd: OwnedFd,
    pub started_at_ns: String,
    pub is_main: bool,
    /// So often its process may still end and leave the program to a child.
    pub forks_left: u32,
    /// The connection that follows its start; nothing once it is settled.
    pub starter: Option<u32>,
    pub has_terminal: bool,
    /// Standard output and standard error.
    pub sources: [Option<Source>; 2],
    /// The writing end of the standard input, or the terminal.
    pub input: Option<OwnedFd>,
    pub log: Option<Log>,
    pub sinks: Vec<Sink>,
    pub end: Option<End>,
    pub is_told: bool,
}

pub struct End {
    pub code: i32,
    pub signal: i32,
    finished_at_ns: String,
    /// By the clock that nobody sets.
    deadline_ms: u64,
    is_written: bool,
}

impl Child {
    pub fn has_ended(&mut self, code: i32, signal: i32) {
        self.input = None;
        self.end = Some(End {
            code,
            signal,
            finished_at_ns: kernel::now_ns().to_string(),
            deadline_ms: kernel::uptime_ms() + LONGEST_FAREWELL_MS,
            is_written: false,
        });
    }

    /// The master of its terminal is its standard output and its input in one.
    pub fn take_terminal(&mut self, master: OwnedFd) -> Result<(), Errno> {
        self.input = Some(rustix::io::fcntl_dupfd_cloexec(master.as_fd(), 3)?);
        self.sources[0] = Some(Source::new(master)?);
        self.has_terminal = true;
        Ok(())
    }

    pub fn is_open(&self, stream: usize) -> bool {
        let source = self.sources[stream].as_ref();
        source.is_some_and(|source| source.descriptor.is_some())
    }

    pub fn pump(&mut self, stream: usize, room: &mut Room) {
        if let Some(source) = &mut self.sources[stream] {
            source.pump(stream, &mut self.log, &mut self.sinks, room);
        }
    }

    /// Milliseconds until its farewell is over, if that is waited for.
    pub fn patience_ms(&self, now_ms: u64) -> Option<u64> {
        let end = self.end.as_ref().filter(|_| self.starter.is_none())?;
        let is_waited_for = !self.is_told || self.has_leftover();
        (is_waited_for && end.deadline_ms > now_ms).then(|| end.deadline_ms - now_ms)
    }

    /// A stream that other processes hold open, and that no sink of ours holds up.
    fn has_leftover(&self) -> bool {
        (0..2).any(|stream| self.is_open(stream) && !is_held_up(stream, &self.sinks))
    }

    /// True if its end is to be told now.
    pub fn take_turn(&mut self, now_ms: u64, room: &mut Room) -> bool {
        if self.starter.is_some() {
            return false;
        }
        let is_late = self
            .end
            .as_ref()
            .is_some_and(|end| end.deadline_ms <= now_ms);
        if is_late {
            self.close_leftovers(room);
        }
        let open = [self.is_open(0), self.is_open(1)];
        for sink in &mut self.sinks {
            let comes_more = (0..2).any(|stream| open[stream] && sink.wants(stream));
            if !comes_more && !sink.has_rest() && sink.farewell.is_none() {
                sink.finish();
            }
        }
        let is_written = open == [false; 2] && !self.sinks.iter().any(Sink::has_rest);
        self.end.is_some() && !self.is_told && (is_written || is_late)
    }

    /// What the pipe holds is passed on first: one turn of the pump takes more than a pipe holds.
    fn close_leftovers(&mut self, room: &mut Room) {
        for stream in 0..2 {
            if !self.is_open(stream) || is_held_up(stream, &self.sinks) {
                continue;
            }
            self.pump(stream, room);
            if is_held_up(stream, &self.sinks) {
                continue;
            }
            if let Some(source) = &mut self.sources[stream] {
                source.end(stream, &mut self.log, room);
            }
        }
    }

    /// The sinks that have ended, which are forgotten.
    pub fn take_ended_sinks(&mut self) -> Vec<(u32, Farewell)> {
        let ended = self.sinks.iter();
        let ended = ended.filter_map(|sink| Some((sink.id, sink.farewell?)));
        let ended = ended.collect();
        self.sinks.retain(|sink| sink.farewell.is_none());
        ended
    }

    /// Whether there is still something to do for it, also without any daemon.
    pub fn is_busy(&self) -> bool {
        self.end.is_none() || !self.sinks.is_empty() || self.is_open(0) || self.is_open(1)
    }

    pub fn is_over(&self) -> bool {
        self.is_told && !self.is_busy()
    }

    pub fn ending(&self) -> Option<Ending<'_>> {
        let end = self.end.as_ref()?;
        Some(Ending {
            name: &self.name,
            pid: self.pid,
            code: end.code,
            signal: end.signal,
            started_at_ns: &self.started_at_ns,
            finished_at_ns: &end.finished_at_ns,
            lost_lines: self.log.as_ref().map_or(0, |log| log.lost_lines),
        })
    }

    /// Whether its end has yet to be written into the folder; says so once.
    pub fn has_exit_to_write(&mut self) -> bool {
        let is_main = self.is_main;
        let unwritten = self.end.as_mut().filter(|end| is_main && !end.is_written);
        unwritten.is_some_and(|end| {
            end.is_written = true;
            true
        })
    }
}
