//! What each order does.
//!
//! - `obey`: follows an order, and gives its answer
//!
//! The table of them stands in `slipway_wire::keeper`. An order that names no child, or brings no
//! descriptor where one is needed, is refused and changes nothing.

use super::Keeper;
use super::births::{bear, open_sink};
use super::child::Child;
use super::connection::Handed;
use alloc::format;
use alloc::string::String;
use rustix::fd::{AsFd, OwnedFd};
use rustix::io::Errno;
use slipway_cradle::refused::{Refused, refusal};
use slipway_wire::keeper::{BirthOrder, Farewell, Order, SOCKET, SinkOrder, Word};

/// What a keeper has is bounded, so that its memory is.
const MOST_CHILDREN: usize = 1024;
const MOST_SINKS: usize = 256;
const MOST_HELD: usize = 256;

/// What is said in answer.
enum Answer {
    Nothing,
    Done,
    Attached(u32),
    Handed(OwnedFd),
    /// The newest child.
    Born,
}

impl Keeper {
    pub(super) fn obey(&mut self, connection: usize, order: Order, mut handed: Handed) {
        let answer = self.follow(connection, order, &mut handed);
        let connection = &mut self.connections[connection];
        match answer {
            Ok(Answer::Nothing) => {}
            Ok(Answer::Done) => connection.say(&Word::Done { sink: None }, None),
            Ok(Answer::Attached(sink)) => connection.say(&Word::Done { sink: Some(sink) }, None),
            Ok(Answer::Handed(descriptor)) => {
                connection.say(&Word::Handed, Some(descriptor.as_fd()));
            }
            Ok(Answer::Born) => {
                let Some(child) = self.children.last() else {
                    return;
                };
                let sinks: alloc::vec::Vec<u32> = child.sinks.iter().map(|sink| sink.id).collect();
                let word = Word::Born {
                    pid: child.pid,
                    started_at_ns: &child.started_at_ns,
                    sinks: &sinks,
                };
                connection.say(&word, Some(child.pidfd.as_fd()));
            }
            Err(refused) => {
                let word = Word::Refused {
                    syscall: refused.syscall,
                    args: &refused.args,
                    errno: refused.errno,
                };
                connection.say(&word, None);
            }
        }
    }

    fn follow(
        &mut self,
        connection: usize,
        order: Order,
        handed: &mut Handed,
    ) -> Result<Answer, Refused> {
        match order {
            Order::Place => self.take_place(handed),
            Order::Birth(order) => self.birth(connection, order, handed),
            Order::Settled {
                name,
                pid,
                has_terminal,
                has_failed,
            } => {
                let pidfd = pid.map(|pid| (pid, handed.take(0)));
                let terminal = has_terminal.then(|| handed.take(usize::from(pid.is_some())));
                Ok(self.settled(&name, pidfd, terminal, has_failed))
            }
            Order::Attach { name, sink } => self.attach(&name, &sink, handed),
            Order::Detach { name, sink } => {
                self.detach(&name, sink);
                Ok(Answer::Nothing)
            }
            Order::Input { name } => self.input(&name),
            Order::CloseInput { name } => {
                let child = self.find(&name)?;
                let child = &mut self.children[child];
                if !child.has_terminal {
                    child.input = None;
                }
                Ok(Answer::Done)
            }
            Order::Hold { name } => self.hold(name, handed),
            Order::Held { name } => self.held(&name),
            Order::Release { name } => {
                self.held.retain(|(held, _)| *held != name);
                Ok(Answer::Done)
            }
            Order::Bye => {
                self.is_leaving = true;
                self.held.clear();
                Ok(Answer::Nothing)
            }
        }
    }

    fn take_place(&mut self, handed: &mut Handed) -> Result<Answer, Refused> {
        let folder = handed.take(0).map_err(refusal("recvmsg", "folder"))?;
        self.place.listen(folder).map_err(refusal("bind", SOCKET))?;
        let _ = rustix::thread::set_name(c"slipway-keeper");
        Ok(Answer::Done)
    }

    fn birth(
        &mut self,
        connection: usize,
        order: BirthOrder,
        handed: &mut Handed,
    ) -> Result<Answer, Refused> {
        if self.place.listener().is_none() {
            return Err(refusal("keeper", "a birth without a place")(Errno::INVAL));
        }
        if self.children.len() >= MOST_CHILDREN {
            return Err(refusal("clone3", "too many children")(Errno::AGAIN));
        }
        if order.is_main {
            self.place.forget_exit();
        }
        let is_same = |child: &Child| child.name == order.name && !child.is_told;
        if self.children.iter().any(is_same) {
            return Err(refusal("clone3", format!("{:?} is there", order.name))(
                Errno::EXIST,
            ));
        }
        let starter = self.connections[connection].id;
        let child = bear(order, starter, handed, &mut self.sink_numbers)?;
        self.children.push(child);
        Ok(Answer::Born)
    }

    fn settled(
        &mut self,
        name: &str,
        pidfd: Option<(i32, Result<OwnedFd, Errno>)>,
        terminal: Option<Result<OwnedFd, Errno>>,
        has_failed: bool,
    ) -> Answer {
        let Ok(index) = self.find(name) else {
            return Answer::Nothing;
        };
        if let Some(Ok(master)) = terminal {
            let _ = self.children[index].take_terminal(master);
        }
        if has_failed {
            self.children[index].is_main = false;
        }
        let forked = pidfd.and_then(|(pid, pidfd)| Some((pid, pidfd.ok()?)));
        self.settle(index, forked);
        Answer::Nothing
    }

    fn attach(
        &mut self,
        name: &str,
        sink: &SinkOrder,
        handed: &mut Handed,
    ) -> Result<Answer, Refused> {
        let child = self.find(name)?;
        if self.children[child].sinks.len() >= MOST_SINKS {
            return Err(refusal("keeper", "too many sinks")(Errno::AGAIN));
        }
        let sink = open_sink(sink, handed, &mut self.sink_numbers)?;
        let id = sink.id;
        self.children[child].sinks.push(sink);
        Ok(Answer::Attached(id))
    }

    fn detach(&mut self, name: &str, id: u32) {
        let Ok(child) = self.find(name) else { return };
        let mut sinks = self.children[child].sinks.iter_mut();
        if let Some(sink) = sinks.find(|sink| sink.id == id) {
            sink.farewell = sink.farewell.or(Some(Farewell::Detached));
        }
    }

    fn input(&self, name: &str) -> Result<Answer, Refused> {
        match &self.children[self.find(name)?].input {
            Some(input) => duplicate(input),
            None => Ok(Answer::Done),
        }
    }

    fn hold(&mut self, name: String, handed: &mut Handed) -> Result<Answer, Refused> {
        let descriptor = handed.take(0).map_err(refusal("recvmsg", "descriptor"))?;
        self.held.retain(|(held, _)| *held != name);
        if self.held.len() >= MOST_HELD {
            return Err(refusal("keeper", "too many are held")(Errno::AGAIN));
        }
        self.held.push((name, descriptor));
        Ok(Answer::Done)
    }

    fn held(&self, name: &str) -> Result<Answer, Refused> {
        match self.held.iter().find(|(held, _)| held == name) {
            Some((_, descriptor)) => duplicate(descriptor),
            None => Ok(Answer::Done),
        }
    }

    fn find(&self, name: &str) -> Result<usize, Refused> {
        // The youngest: one whose end was told may still have somebody to write to.
        let found = self.children.iter().rposition(|child| child.name == name);
        found.ok_or_else(|| refusal("keeper", format!("no child {name:?}"))(Errno::SRCH))
    }
}

fn duplicate(descriptor: &OwnedFd) -> Result<Answer, Refused> {
    rustix::io::fcntl_dupfd_cloexec(descriptor, 3)
        .map(Answer::Handed)
        .map_err(refusal("fcntl", "F_DUPFD_CLOEXEC"))
}
