//! Where output is copied to as it comes: a client's connection, a pipe, a socket of the daemon's.
//!
//! - [`Sink::open`]: from the order and its descriptor
//! - [`Sink::write`]: one piece, raw or with Docker's header; what does not fit is remembered
//! - [`Sink::attend`]: when it takes bytes again, or its reader has gone
//! - [`Sink::finish`]: behind the last byte
//!
//! A sink that has a rest holds up its streams: the keeper remembers one piece a sink, and the rest
//! waits in the application's own pipe. Nothing here blocks. A socket is asked not to in each call,
//! so that its other users find it as they left it. Sources: sendmsg(2), pipe(7), shutdown(2).

use alloc::vec::Vec;
use rustix::event::PollFlags;
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{FileType, OFlags};
use rustix::io::{Errno, IoSlice};
use rustix::net::{SendAncillaryBuffer, SendFlags, Shutdown};
use slipway_wire::keeper::{Farewell, SinkOrder};

pub struct Sink {
    pub id: u32,
    descriptor: OwnedFd,
    is_socket: bool,
    streams: [bool; 2],
    is_framed: bool,
    shuts_down: bool,
    rest: Vec<u8>,
    rest_at: usize,
    /// Set once it is known how it ends; the keeper then tells it and forgets the sink.
    pub farewell: Option<Farewell>,
}

/// Docker's header: the number of the stream, three zeros, and the length, big end first.
const HEADER: usize = 8;

impl Sink {
    pub fn open(id: u32, order: &SinkOrder, descriptor: OwnedFd) -> Result<Self, Errno> {
        let mode = rustix::fs::fstat(&descriptor)?.st_mode;
        let is_socket = FileType::from_raw_mode(mode) == FileType::Socket;
        if !is_socket {
            let flags = rustix::fs::fcntl_getfl(&descriptor)? | OFlags::NONBLOCK;
            rustix::fs::fcntl_setfl(&descriptor, flags)?;
        }
        Ok(Self {
            id,
            descriptor,
            is_socket,
            streams: [order.stdout, order.stderr],
            is_framed: order.is_framed,
            shuts_down: order.shuts_down,
            rest: Vec::new(),
            rest_at: 0,
            farewell: None,
        })
    }

    pub fn wants(&self, stream: usize) -> bool {
        self.streams[stream] && self.farewell.is_none()
    }

    pub fn has_rest(&self) -> bool {
        !self.rest.is_empty() && self.farewell.is_none()
    }

    pub fn descriptor(&self) -> BorrowedFd<'_> {
        self.descriptor.as_fd()
    }

    /// `bytes` of `stream`, which is 0 for the standard output and 1 for the other. There is no
    /// rest when this is called.
    pub fn write(&mut self, stream: usize, bytes: &[u8]) {
        let mut header = [0; HEADER];
        header[0] = stream as u8 + 1;
        header[4..].copy_from_slice(&(bytes.len() as u32).to_be_bytes());
        let head = if self.is_framed { &header[..] } else { &[] };
        match self.send(&[IoSlice::new(head), IoSlice::new(bytes)]) {
            Ok(sent) if sent == head.len() + bytes.len() => {}
            Ok(sent) => self.remember(head, bytes, sent),
            Err(Errno::AGAIN) => self.remember(head, bytes, 0),
            Err(_) => self.farewell = Some(Farewell::Broken),
        }
    }

    fn remember(&mut self, head: &[u8], bytes: &[u8], sent: usize) {
        self.rest.reserve_exact(head.len() + bytes.len() - sent);
        self.rest.extend_from_slice(&head[sent.min(head.len())..]);
        let sent = sent.saturating_sub(head.len());
        self.rest.extend_from_slice(&bytes[sent..]);
        self.rest_at = 0;
    }

    /// It takes bytes again, or its reader has gone.
    pub fn attend(&mut self, flags: PollFlags) {
        if flags.contains(PollFlags::OUT) && self.has_rest() {
            self.write_rest();
        } else if flags.intersects(PollFlags::ERR | PollFlags::HUP | PollFlags::NVAL) {
            self.farewell = self.farewell.or(Some(Farewell::Broken));
        }
    }

    fn write_rest(&mut self) {
        match self.send(&[IoSlice::new(&self.rest[self.rest_at..])]) {
            Ok(sent) => self.rest_at += sent,
            Err(Errno::AGAIN) => {}
            Err(_) => self.farewell = Some(Farewell::Broken),
        }
        if self.rest_at == self.rest.len() {
            self.rest = Vec::new();
            self.rest_at = 0;
        }
    }

    fn send(&self, parts: &[IoSlice<'_>]) -> Result<usize, Errno> {
        rustix::io::retry_on_intr(|| match self.is_socket {
            true => {
                let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
                let mut nothing = SendAncillaryBuffer::default();
                rustix::net::sendmsg(&self.descriptor, parts, &mut nothing, flags)
            }
            false => rustix::io::writev(&self.descriptor, parts),
        })
    }

    /// It has every byte of its streams, and no more will come.
    pub fn finish(&mut self) {
        if self.shuts_down && self.is_socket {
            let _ = rustix::net::shutdown(&self.descriptor, Shutdown::Write);
        }
        self.farewell = Some(Farewell::Drained);
    }
}
