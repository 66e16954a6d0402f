//! The parent's end of the channel to slipway-init. The protocol is drawn in `slipway-wire`.
//!
//! - [`receive`]: the messages that are there, each with the descriptor that came along
//! - [`go`]: lets an init that waits at a barrier go on

use crate::refusal;
use napi_derive::napi;
use rustix::fd::{BorrowedFd, IntoRawFd};
use rustix::io::{Errno, IoSliceMut};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendFlags, recv, recvmsg, send,
};
use slipway_wire::{GO, LONGEST_REPORT};
use std::mem::MaybeUninit;

#[napi(object)]
pub struct Message {
    /// One report, as JSON; empty at the end of file.
    pub text: String,
    /// The descriptor that came with it (close-on-exec; the caller's to close), or -1.
    pub descriptor: i32,
}

/// `ssize_t recvmsg(int sockfd, struct msghdr *msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC)`: the reports
/// that are there, the last with an empty text if this is the end of file.
///
/// The end of file is the moment of `execve`, or of init's death. What stands behind a report that
/// wants an answer comes only after that answer.
#[napi]
pub fn receive(channel: i32) -> napi::Result<Vec<Message>> {
    // SAFETY: the caller owns the channel.
    let fd = unsafe { BorrowedFd::borrow_raw(channel) };
    let mut messages = Vec::new();
    loop {
        let message = match take_message(fd) {
            Ok(message) => message,
            Err(Errno::AGAIN) => return Ok(messages),
            // Init ended with an answer of ours unread: for the reader that is the end as well.
            Err(Errno::CONNRESET) => Message::end(),
            Err(errno) => return Err(refusal("recvmsg", "channel")(errno)),
        };
        let is_end = message.text.is_empty();
        messages.push(message);
        if is_end {
            return Ok(messages);
        }
    }
}

impl Message {
    fn end() -> Self {
        Self {
            text: String::new(),
            descriptor: -1,
        }
    }
}

fn take_message(fd: BorrowedFd<'_>) -> Result<Message, Errno> {
    // First how long the next packet is: nobody pays for the longest report that could be.
    let flags = RecvFlags::DONTWAIT | RecvFlags::PEEK | RecvFlags::TRUNC;
    let mut none = [0u8; 0];
    let (_, length) = rustix::io::retry_on_intr(|| recv(fd, &mut none[..], flags))?;
    if length == 0 {
        return Ok(Message::end());
    }
    let mut buffer = vec![0; length.min(LONGEST_REPORT)];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let flags = RecvFlags::DONTWAIT | RecvFlags::CMSG_CLOEXEC;
    let received = rustix::io::retry_on_intr(|| {
        recvmsg(
            fd,
            &mut [IoSliceMut::new(&mut buffer)],
            &mut ancillary,
            flags,
        )
    });
    buffer.truncate(received?.bytes);
    let descriptor = ancillary
        .drain()
        .find_map(|part| match part {
            RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
            _ => None,
        })
        .map_or(-1, IntoRawFd::into_raw_fd);
    Ok(Message {
        text: String::from_utf8_lossy(&buffer).into_owned(),
        descriptor,
    })
}

/// `ssize_t send(int sockfd, const void *buf, size_t len, int flags)`: ends init's wait.
#[napi]
pub fn go(channel: i32) -> napi::Result<()> {
    // SAFETY: the caller owns the channel.
    let fd = unsafe { BorrowedFd::borrow_raw(channel) };
    rustix::io::retry_on_intr(|| send(fd, &[GO], SendFlags::NOSIGNAL))
        .map(drop)
        .map_err(refusal("send", "channel, \"g\""))
}
