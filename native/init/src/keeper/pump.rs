//! A child's output on its way: out of a pipe or a terminal, into the log and the sinks.
//!
//! - [`Source`]: the reading end of one stream, and the line that the log has not got in whole
//! - [`Source::pump`]: reads what is there, in large pieces, and passes each on
//! - [`Room`]: the memory for it, shared by all streams and given back in quiet times
//!
//! A stream that one of its sinks holds up is not read. A pipe that was found full is made larger:
//! that saves changes between writer and reader. Sources: pipe(7), pty(7), F_SETPIPE_SZ(2const).

use super::lines::LONGEST_PIECE;
use super::log::Log;
use super::sinks::Sink;
use alloc::vec::Vec;
use rustix::buffer::spare_capacity;
use rustix::fd::OwnedFd;
use rustix::fs::OFlags;
use rustix::io::Errno;
use rustix::pipe::fcntl_setpipe_size;

/// The names that the log has for the streams.
pub const STREAMS: [&str; 2] = ["stdout", "stderr"];

/// So much is read at a time.
const PIECE: usize = 64 * 1024;
/// So many pieces, and then others have their turn.
const PIECES: usize = 8;
/// The room in which a piece becomes lines of the log.
const LINES: usize = 256 * 1024;
/// A pipe holds 64 KiB at first.
const FIRST_PIPE: usize = 64 * 1024;
const LARGE_PIPE: usize = 512 * 1024;

pub struct Source {
    /// Nothing once the stream has ended.
    pub descriptor: Option<OwnedFd>,
    is_large: bool,
    /// The start of a line whose end has not come.
    unfinished: Vec<u8>,
    cut_at_ns: Option<u64>,
}

/// Memory for one piece, and for the same piece as lines of the log.
#[derive(Default)]
pub struct Room {
    piece: Vec<u8>,
    lines: Vec<u8>,
}

impl Room {
    pub fn is_taken(&self) -> bool {
        self.piece.capacity() > 0
    }

    pub fn give_back(&mut self) {
        *self = Self::default();
    }

    fn take(&mut self) {
        if !self.is_taken() {
            self.piece = Vec::with_capacity(LONGEST_PIECE + PIECE);
            self.lines = Vec::with_capacity(LINES);
        }
    }
}

impl Source {
    /// Makes the open file non-blocking: of a pipe that is the reading end alone.
    pub fn new(descriptor: OwnedFd) -> Result<Self, Errno> {
        let flags = rustix::fs::fcntl_getfl(&descriptor)? | OFlags::NONBLOCK;
        rustix::fs::fcntl_setfl(&descriptor, flags)?;
        Ok(Self {
            descriptor: Some(descriptor),
            is_large: false,
            unfinished: Vec::new(),
            cut_at_ns: None,
        })
    }

    /// Passes on what is there, or much of it.
    pub fn pump(
        &mut self,
        stream: usize,
        log: &mut Option<Log>,
        sinks: &mut [Sink],
        room: &mut Room,
    ) {
        room.take();
        for _ in 0..PIECES {
            let Some(descriptor) = &self.descriptor else {
                return;
            };
            if is_held_up(stream, sinks) {
                return;
            }
            room.piece.clear();
            room.piece.extend_from_slice(&self.unfinished);
            let read = rustix::io::retry_on_intr(|| {
                rustix::io::read(descriptor, spare_capacity(&mut room.piece))
            });
            let length = match read {
                Err(Errno::AGAIN) => return,
                // A terminal whose other side is closed says EIO.
                Ok(0) | Err(_) => {
                    self.end(stream, log, room);
                    return;
                }
                Ok(length) => length,
            };
            self.enlarge(length);
            let fresh = &room.piece[room.piece.len() - length..];
            for sink in sinks.iter_mut().filter(|sink| sink.wants(stream)) {
                sink.write(stream, fresh);
            }
            self.write_log(stream, log, room);
        }
    }

    fn write_log(&mut self, stream: usize, log: &mut Option<Log>, room: &mut Room) {
        let Some(log) = log else { return };
        let Room { piece, lines } = room;
        let taken = log.take(STREAMS[stream], piece, &mut self.cut_at_ns, lines);
        let rest = &piece[taken..];
        if rest.is_empty() {
            self.unfinished = Vec::new();
        } else {
            self.unfinished.clear();
            self.unfinished.extend_from_slice(rest);
        }
    }

    /// `int fcntl(int fd, F_SETPIPE_SZ, int size)`, once; a terminal is no pipe and stays.
    fn enlarge(&mut self, length: usize) {
        if let (false, Some(descriptor)) = (self.is_large || length < FIRST_PIPE, &self.descriptor)
        {
            let _ = fcntl_setpipe_size(descriptor, LARGE_PIPE);
            self.is_large = true;
        }
    }

    /// No more comes: the log gets the line that has no end.
    pub fn end(&mut self, stream: usize, log: &mut Option<Log>, room: &mut Room) {
        self.descriptor = None;
        let text = core::mem::take(&mut self.unfinished);
        if let (Some(log), false) = (log, text.is_empty()) {
            room.take();
            log.take_last(STREAMS[stream], &text, self.cut_at_ns, &mut room.lines);
        }
    }
}

/// Whether a sink of `stream` has yet to take what it was given before.
pub fn is_held_up(stream: usize, sinks: &[Sink]) -> bool {
    sinks
        .iter()
        .any(|sink| sink.wants(stream) && sink.has_rest())
}
