//! A thread beside JavaScript's: work on many files, in its order, while the caller goes on.
//!
//! - [`Worker::start`]: takes a job and comes back while it is being done
//! - [`Worker::run`]: the same, and waits for the end of all
//! - [`Worker::close`]: what has not begun is dropped, what runs is waited for
//!
//! There is one thread and it takes the jobs in their order, so everything comes about as it would
//! with no thread at all; after a refusal it does nothing more. Who is too far ahead waits. Jobs
//! hold references into JavaScript, which are given back on the thread that JavaScript runs on.

use crate::refusal;
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// Where the work is done, and what may be done there.
pub trait Place: Send + 'static {
    type Job: Send + 'static;
    fn carry_out(&mut self, job: &mut Self::Job) -> napi::Result<()>;
}

pub struct Worker<P: Place> {
    shared: Arc<Shared<P>>,
    /// How many jobs may be on their way when the caller begins the next one.
    ahead: usize,
    /// Made for the first job that nobody waits for.
    thread: Option<JoinHandle<()>>,
}

struct Shared<P: Place> {
    state: Mutex<State<P>>,
    changed: Condvar,
}

struct State<P: Place> {
    /// Not here while a job is being done; never again once it is closed.
    place: Option<P>,
    queue: VecDeque<P::Job>,
    is_busy: bool,
    is_closed: bool,
    /// The refusal that ended it.
    refused: Option<String>,
    done: Vec<P::Job>,
}

impl<P: Place> Worker<P> {
    pub fn new(place: P, ahead: usize) -> Self {
        let state = State {
            place: Some(place),
            queue: VecDeque::new(),
            is_busy: false,
            is_closed: false,
            refused: None,
            done: Vec::new(),
        };
        let shared = Shared {
            state: Mutex::new(state),
            changed: Condvar::new(),
        };
        Self {
            shared: Arc::new(shared),
            ahead,
            thread: None,
        }
    }

    pub fn start(&mut self, job: P::Job) -> napi::Result<()> {
        if self.thread.is_none() {
            let shared = Arc::clone(&self.shared);
            self.thread = Some(std::thread::spawn(move || shared.work()));
        }
        let mut state = self.shared.lock();
        state.queue.push_back(job);
        self.shared.changed.notify_all();
        while state.on_their_way() > self.ahead {
            state = self.shared.wait(state);
        }
        state.done.clear();
        state.outcome()
    }

    pub fn run(&mut self, job: &mut P::Job) -> napi::Result<()> {
        let mut state = self.shared.lock();
        while state.on_their_way() > 0 {
            state = self.shared.wait(state);
        }
        state.done.clear();
        state.outcome()?;
        let Some(place) = &mut state.place else {
            return Err(refusal("batch", "it was closed")(rustix::io::Errno::BADF));
        };
        let result = place.carry_out(job);
        state.refused = result.as_ref().err().map(|error| error.reason.to_string());
        result
    }

    pub fn close(&mut self) {
        let mut state = self.shared.lock();
        let dropped: Vec<_> = state.queue.drain(..).collect();
        state.is_closed = true;
        self.shared.changed.notify_all();
        drop(state);
        if let Some(thread) = self.thread.take() {
            // A thread that has panicked has ended the process.
            let _ = thread.join();
        }
        let mut state = self.shared.lock();
        state.place = None;
        state.done.clear();
        drop(dropped);
    }
}

impl<P: Place> Drop for Worker<P> {
    fn drop(&mut self) {
        self.close();
    }
}

impl<P: Place> State<P> {
    fn on_their_way(&self) -> usize {
        self.queue.len() + usize::from(self.is_busy)
    }

    fn outcome(&self) -> napi::Result<()> {
        match &self.refused {
            None => Ok(()),
            Some(reason) => Err(napi::Error::from_reason(reason.clone())),
        }
    }
}

impl<P: Place> Shared<P> {
    fn lock(&self) -> MutexGuard<'_, State<P>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'s>(&self, state: MutexGuard<'s, State<P>>) -> MutexGuard<'s, State<P>> {
        self.changed
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// What the thread does, until it is closed.
    fn work(&self) {
        let mut state = self.lock();
        loop {
            let Some(mut job) = state.queue.pop_front() else {
                if state.is_closed {
                    return;
                }
                state = self.wait(state);
                continue;
            };
            let taken = match state.refused {
                None => state.place.take(),
                Some(_) => None,
            };
            if let Some(mut place) = taken {
                state.is_busy = true;
                drop(state);
                let result = place.carry_out(&mut job);
                state = self.lock();
                state.is_busy = false;
                state.refused = result.err().map(|error| error.reason.to_string());
                state.place = Some(place);
            }
            state.done.push(job);
            self.changed.notify_all();
        }
    }
}
