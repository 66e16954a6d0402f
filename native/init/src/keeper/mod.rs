//! The keeper: a container's parent, which outlives the daemon.
//!
//! - [`keep`]: the step that makes slipway-init a keeper; it returns only if it was refused
//! - [`orders`]: what each order does; [`births`]: the longest of them
//! - [`child`]: the record of a child; [`exits`]: who has ended
//! - [`pump`], [`lines`], [`log`], [`sinks`]: output on its way
//! - [`place`]: the folder with the socket and the file `exit`
//! - [`connection`]: a daemon that is connected
//!
//! One thread sleeps in one `poll` of all that it has. The protocol is drawn in
//! `slipway_wire::keeper`. Every signal is blocked, so nothing but SIGKILL ends a keeper from
//! outside; and as each child was told to follow its parent to death, a container does not go on
//! without its keeper. (An application may take that wish back: prctl(2) says how, and the kernel
//! forgets it when a set-user-ID program is executed. In a PID namespace such a child still ends
//! with the first process, which is the keeper's child.)

mod births;
mod child;
mod connection;
mod exits;
mod lines;
mod log;
mod orders;
mod place;
mod pump;
mod sinks;

use crate::{Context, kernel, memory, refusal::Refusal};
use alloc::string::String;
use alloc::vec::Vec;
use births::SinkNumbers;
use child::Child;
use connection::Connection;
use place::Place;
use pump::{Room, is_held_up};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use slipway_wire::keeper::Word;
use slipway_wire::{FIRST_DESCRIPTOR, INIT_FAILED, Report};

struct Keeper {
    place: Place,
    /// Readable when a child has ended.
    signals: OwnedFd,
    connections: Vec<Connection>,
    children: Vec<Child>,
    held: Vec<(String, OwnedFd)>,
    room: Room,
    sink_numbers: SinkNumbers,
    connection_number: u32,
    /// A daemon has said `bye`.
    is_leaving: bool,
}

/// What a ready descriptor belongs to, by its place in the lists.
#[derive(Clone, Copy)]
enum Owner {
    Signals,
    Listener,
    Connection(usize),
    Source(usize, usize),
    Sink(usize, usize),
}

/// So many daemons are heard at a time; who comes then is turned away.
const MOST_CONNECTIONS: usize = 64;

/// After so long a time without output its memory is given back.
const QUIET_MS: u64 = 1000;

/// Becomes a keeper with the descriptor as its first connection.
pub fn keep(context: &mut Context, connection: u32) -> Refusal {
    let keeper = match prepare(connection) {
        Ok(keeper) => keeper,
        Err(refusal) => return refusal,
    };
    // SAFETY: the program was read into memory of its own before its first step.
    unsafe { context.title.write(b"slipway-keeper") };
    let timings_ns = core::mem::take(&mut context.timings_ns);
    context.channel.say(&Report::Executing { timings_ns });
    context.channel.close();
    keeper.live()
}

fn prepare(connection: u32) -> Result<Keeper, Refusal> {
    // SAFETY: a descriptor of the request, which nobody uses after this step.
    let first = unsafe { OwnedFd::from_raw_fd(FIRST_DESCRIPTOR + connection as RawFd) };
    kernel::close_at_exec_from(3).map_err(Refusal::of("close_range", "3, ~0U"))?;
    rustix::process::setsid().map_err(Refusal::of("setsid", ""))?;
    rustix::process::chdir("/").map_err(Refusal::of("chdir", "\"/\""))?;
    kernel::block_signals(true);
    let signals = kernel::child_signals().map_err(Refusal::of("signalfd4", "SIGCHLD"))?;
    // SAFETY: one thread. What was allocated before is not freed: `keep` does not return.
    if unsafe { memory::recycle() }.is_none() {
        kernel::exit(INIT_FAILED)
    }
    // As long as it has nobody to keep.
    let _ = rustix::thread::set_name(c"slipway-spare");
    let mut keeper = Keeper {
        place: Place::default(),
        signals,
        connections: Vec::new(),
        children: Vec::new(),
        held: Vec::new(),
        room: Room::default(),
        sink_numbers: SinkNumbers(0),
        connection_number: 0,
        is_leaving: false,
    };
    keeper.welcome(first);
    Ok(keeper)
}

impl Keeper {
    fn live(mut self) -> ! {
        while !self.is_done() {
            for (owner, flags) in self.wait() {
                self.attend(owner, flags);
            }
            self.take_turn();
        }
        self.place.leave();
        kernel::exit(0)
    }

    /// Nobody is left to keep anything for.
    fn is_done(&self) -> bool {
        let is_alone = self.is_leaving || self.connections.is_empty();
        is_alone && !self.children.iter().any(Child::is_busy)
    }

    /// `int poll(struct pollfd *fds, nfds_t nfds, int timeout)`: who has something, and what.
    fn wait(&mut self) -> Vec<(Owner, PollFlags)> {
        let timeout = self.patience();
        let mut wishes = Wishes::default();
        wishes.add(Owner::Signals, self.signals.as_fd(), PollFlags::IN);
        if let Some(listener) = self.place.listener() {
            wishes.add(Owner::Listener, listener, PollFlags::IN);
        }
        for (index, connection) in self.connections.iter().enumerate() {
            let mut flags = PollFlags::IN;
            flags.set(PollFlags::OUT, connection.has_unsaid());
            wishes.add(Owner::Connection(index), connection.socket(), flags);
        }
        for (index, child) in self.children.iter().enumerate() {
            wishes.add_streams(index, child);
        }
        match poll(&mut wishes.descriptors, timeout.as_ref()) {
            Ok(0) => self.room.give_back(),
            Ok(_) => return wishes.fulfilled(),
            Err(_) => {}
        }
        Vec::new()
    }

    fn patience(&self) -> Option<Timespec> {
        let now = kernel::uptime_ms();
        let children = self.children.iter();
        let waiting = children.filter_map(|child| child.patience_ms(now));
        let quiet = self.room.is_taken().then_some(QUIET_MS);
        let milliseconds = waiting.chain(quiet).min()?;
        Some(Timespec {
            tv_sec: (milliseconds / 1000) as i64,
            tv_nsec: (milliseconds % 1000 * 1_000_000) as i64,
        })
    }

    fn attend(&mut self, owner: Owner, flags: PollFlags) {
        match owner {
            Owner::Signals => self.reap(),
            Owner::Listener => {
                if let Some(socket) = self.place.accept() {
                    self.welcome(socket);
                }
            }
            Owner::Connection(index) => {
                if flags.contains(PollFlags::OUT) {
                    self.connections[index].say_rest();
                }
                if let Some((order, handed)) = self.connections[index].receive() {
                    self.obey(index, order, handed);
                }
            }
            Owner::Source(child, stream) => self.children[child].pump(stream, &mut self.room),
            Owner::Sink(child, sink) => self.children[child].sinks[sink].attend(flags),
        }
    }

    /// A new connection hears of everything that there is.
    fn welcome(&mut self, socket: OwnedFd) {
        if self.connections.len() >= MOST_CONNECTIONS {
            return;
        }
        self.connection_number += 1;
        let mut connection = Connection::new(self.connection_number, socket);
        connection.say(
            &Word::Hello {
                version: slipway_wire::keeper::KEEPER_VERSION,
                pid: rustix::process::getpid().as_raw_pid(),
            },
            None,
        );
        for child in self.children.iter().filter(|child| !child.is_told) {
            let word = Word::Child {
                name: &child.name,
                pid: child.pid,
                started_at_ns: &child.started_at_ns,
                has_terminal: child.has_terminal,
            };
            connection.say(&word, Some(child.pidfd.as_fd()));
        }
        connection.say(&Word::Known, None);
        self.connections.push(connection);
    }

    /// What follows from what has just happened.
    fn take_turn(&mut self) {
        self.drop_closed_connections();
        let now = kernel::uptime_ms();
        for index in 0..self.children.len() {
            let child = &mut self.children[index];
            let is_to_tell = child.take_turn(now, &mut self.room);
            for (sink, how) in child.take_ended_sinks() {
                let name = &child.name;
                tell(&mut self.connections, &Word::SinkEnded { name, sink, how });
            }
            if is_to_tell {
                self.tell_end(index);
            }
        }
        self.children.retain(|child| !child.is_over());
        if self.is_leaving && self.children.iter().all(|child| child.is_told) {
            // Who still has output to take takes it; nobody else hears of this keeper any more.
            self.place.leave();
            self.connections.clear();
        }
    }

    /// An end that nobody hears is told to the next daemon.
    fn tell_end(&mut self, index: usize) {
        let child = &mut self.children[index];
        let is_to_write = child.has_exit_to_write();
        let Some(ending) = child.ending() else { return };
        if is_to_write {
            self.place.write_exit(&ending);
        }
        tell(&mut self.connections, &Word::Ended(ending));
        child.is_told = !self.connections.is_empty();
    }

    /// A start whose daemon has gone is as far as it came.
    fn drop_closed_connections(&mut self) {
        let closed = self
            .connections
            .iter()
            .filter(|connection| connection.is_closed);
        let closed: Vec<u32> = closed.map(|connection| connection.id).collect();
        if closed.is_empty() {
            return;
        }
        for index in 0..self.children.len() {
            let starter = self.children[index].starter;
            if starter.is_some_and(|starter| closed.contains(&starter)) {
                self.abandon(index);
            }
        }
        self.connections.retain(|connection| !connection.is_closed);
    }
}

fn tell(connections: &mut [Connection], word: &Word<'_>) {
    for connection in connections {
        connection.say(word, None);
    }
}

/// What to poll, and for whom.
#[derive(Default)]
struct Wishes<'a> {
    descriptors: Vec<PollFd<'a>>,
    owners: Vec<Owner>,
}

impl<'a> Wishes<'a> {
    fn add(&mut self, owner: Owner, descriptor: BorrowedFd<'a>, flags: PollFlags) {
        self.descriptors
            .push(PollFd::from_borrowed_fd(descriptor, flags));
        self.owners.push(owner);
    }

    fn add_streams(&mut self, index: usize, child: &'a Child) {
        for (stream, source) in child.sources.iter().enumerate() {
            let descriptor = source
                .as_ref()
                .and_then(|source| source.descriptor.as_ref());
            if let (Some(descriptor), false) = (descriptor, is_held_up(stream, &child.sinks)) {
                self.add(
                    Owner::Source(index, stream),
                    descriptor.as_fd(),
                    PollFlags::IN,
                );
            }
        }
        for (place, sink) in child.sinks.iter().enumerate() {
            let mut flags = PollFlags::empty();
            flags.set(PollFlags::OUT, sink.has_rest());
            self.add(Owner::Sink(index, place), sink.descriptor(), flags);
        }
    }

    fn fulfilled(&self) -> Vec<(Owner, PollFlags)> {
        let descriptors = self.descriptors.iter().map(PollFd::revents);
        let all = self.owners.iter().copied().zip(descriptors);
        all.filter(|(_, flags)| !flags.is_empty()).collect()
    }
}
