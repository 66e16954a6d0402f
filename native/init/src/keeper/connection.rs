//! One daemon's connection: orders in, words out.
//!
//! - [`Connection::receive`]: the next order with its descriptors, or the end
//! - [`Connection::say`]: a word, with a descriptor or without; kept while the daemon does not read
//!
//! A packet that is no order is its sender's fault: the connection is closed, whatever came with it
//! is closed too, and nobody else notices. Nothing here blocks. Sources: unix(7), recvmsg(2).

use alloc::collections::VecDeque;
use alloc::vec;
use alloc::vec::Vec;
use core::mem::MaybeUninit;
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::io::{Errno, IoSlice, IoSliceMut};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, ReturnFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recv, recvmsg, sendmsg,
};
use slipway_wire::keeper::{LONGEST_ORDER, MOST_DESCRIPTORS, Order, Word};

pub struct Connection {
    pub id: u32,
    socket: OwnedFd,
    unsaid: VecDeque<(Vec<u8>, Option<OwnedFd>)>,
    pub is_closed: bool,
}

/// A daemon that leaves so many words unread has stopped listening.
const MOST_UNSAID: usize = 256;

/// What comes with an order; whoever needs one takes it, the others are closed.
pub struct Handed(Vec<Option<OwnedFd>>);

impl Handed {
    pub fn take(&mut self, place: usize) -> Result<OwnedFd, Errno> {
        let found = self.0.get_mut(place).and_then(Option::take);
        found.ok_or(Errno::BADF)
    }
}

impl Connection {
    pub fn new(id: u32, socket: OwnedFd) -> Self {
        Self {
            id,
            socket,
            unsaid: VecDeque::new(),
            is_closed: false,
        }
    }

    pub fn socket(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }

    pub fn has_unsaid(&self) -> bool {
        !self.unsaid.is_empty()
    }

    pub fn receive(&mut self) -> Option<(Order, Handed)> {
        match self.next_packet() {
            Ok(order) => Some(order),
            Err(Errno::AGAIN) => None,
            Err(_) => {
                self.is_closed = true;
                None
            }
        }
    }

    fn next_packet(&self) -> Result<(Order, Handed), Errno> {
        // First how long it is: nobody pays for the longest order that could be.
        let peek = RecvFlags::DONTWAIT | RecvFlags::PEEK | RecvFlags::TRUNC;
        let (_, length) =
            rustix::io::retry_on_intr(|| recv(&self.socket, &mut [0u8; 0][..], peek))?;
        if length == 0 || length > LONGEST_ORDER {
            return Err(Errno::MSGSIZE);
        }
        let mut text = vec![0; length];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_DESCRIPTORS))];
        let mut beside = RecvAncillaryBuffer::new(&mut space);
        let flags = RecvFlags::DONTWAIT | RecvFlags::CMSG_CLOEXEC;
        let received = rustix::io::retry_on_intr(|| {
            recvmsg(
                &self.socket,
                &mut [IoSliceMut::new(&mut text)],
                &mut beside,
                flags,
            )
        })?;
        let mut handed = Vec::new();
        for part in beside.drain() {
            if let RecvAncillaryMessage::ScmRights(descriptors) = part {
                handed.extend(descriptors.map(Some));
            }
        }
        if received.flags.contains(ReturnFlags::CTRUNC) || received.bytes != length {
            return Err(Errno::MSGSIZE);
        }
        let order = serde_json::from_slice(&text).map_err(|_| Errno::BADMSG)?;
        Ok((order, Handed(handed)))
    }

    pub fn say(&mut self, word: &Word<'_>, descriptor: Option<BorrowedFd<'_>>) {
        let Ok(text) = serde_json::to_vec(word) else {
            return;
        };
        if self.unsaid.is_empty() {
            match self.send(&text, descriptor) {
                Ok(()) => return,
                Err(Errno::AGAIN) => {}
                Err(_) => self.is_closed = true,
            }
        }
        let kept = descriptor.map(|one| rustix::io::fcntl_dupfd_cloexec(one, 3));
        match kept.transpose() {
            Ok(kept) if self.unsaid.len() < MOST_UNSAID => self.unsaid.push_back((text, kept)),
            _ => self.is_closed = true,
        }
    }

    pub fn say_rest(&mut self) {
        while let Some((text, descriptor)) = self.unsaid.front() {
            match self.send(text, descriptor.as_ref().map(AsFd::as_fd)) {
                Ok(()) => drop(self.unsaid.pop_front()),
                Err(Errno::AGAIN) => return,
                Err(_) => {
                    self.is_closed = true;
                    return;
                }
            }
        }
    }

    fn send(&self, text: &[u8], descriptor: Option<BorrowedFd<'_>>) -> Result<(), Errno> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut beside = SendAncillaryBuffer::new(&mut space);
        let descriptors = descriptor.as_slice();
        if !descriptors.is_empty() {
            beside.push(SendAncillaryMessage::ScmRights(descriptors));
        }
        let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
        let parts = [IoSlice::new(text)];
        rustix::io::retry_on_intr(|| sendmsg(&self.socket, &parts, &mut beside, flags)).map(drop)
    }
}
