//! The parent's end of the channel to slipway-init. The protocol is drawn in `slipway-wire`.
//!
//! - [`receive`]: the messages that are there, each with the descriptor that came along
//! - [`listen`]: the same, for an init that was born just now: waits a moment for it
//! - [`go`]: lets an init that waits at a barrier go on

use crate::refusal;
use napi::bindgen_prelude::Int32ArraySlice;
use napi_derive::napi;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::{BorrowedFd, IntoRawFd};
use rustix::io::{Errno, IoSliceMut};
use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendFlags, recv, recvmsg, send,
};
use slipway_wire::{GO, LONGEST_REPORT};
use std::mem::MaybeUninit;

/// What is slower than this does not hold up the event loop.
const A_MOMENT: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 2_000_000,
};

/// `ssize_t recvmsg(int sockfd, struct msghdr *msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC)`: the reports
/// that are there, each one line of JSON, the last an empty line if this is the end of file;
/// nothing if there are none. No more than there are places in `descriptors`, where the descriptor
/// that came with each is put (close-on-exec; the caller's to close), or -1.
///
/// The end of file is the moment of `execve`, or of init's death. What stands behind a report that
/// wants an answer comes only after that answer.
#[napi]
pub fn receive(channel: i32, mut descriptors: Int32ArraySlice<'_>) -> napi::Result<Option<String>> {
    // SAFETY: the caller owns the channel.
    let fd = unsafe { BorrowedFd::borrow_raw(channel) };
    let mut texts = Vec::new();
    // SAFETY: JavaScript waits for this call and touches nothing meanwhile.
    for place in unsafe { descriptors.as_mut() } {
        let (text, descriptor) = match take_message(fd) {
            Ok(message) => message,
            Err(Errno::AGAIN) => break,
            // Init ended with an answer of ours unread: for the reader that is the end as well.
            Err(Errno::CONNRESET) => (String::new(), -1),
            Err(errno) => return Err(refusal("recvmsg", "channel")(errno)),
        };
        *place = descriptor;
        texts.push(text);
        if texts.last().is_some_and(String::is_empty) {
            break;
        }
    }
    Ok((!texts.is_empty()).then(|| texts.join("\n")))
}

/// `int poll(struct pollfd *fds, nfds_t nfds, int timeout)`, then `receive`: waits a moment for a
/// report, or `until_end` for the end of file alone; nothing if it takes longer.
///
/// A start is over in less than this thread has just slept in `clone3`. Who sleeps on leaves the
/// processor to init, and is spared a turn of the event loop, which costs more than init's life.
#[napi]
pub fn listen(
    channel: i32,
    until_end: bool,
    descriptors: Int32ArraySlice<'_>,
) -> napi::Result<Option<String>> {
    // SAFETY: the caller owns the channel.
    let fd = unsafe { BorrowedFd::borrow_raw(channel) };
    // The end is told in any case.
    let events = match until_end {
        true => PollFlags::empty(),
        false => PollFlags::IN,
    };
    let answered = poll(&mut [PollFd::from_borrowed_fd(fd, events)], Some(&A_MOMENT));
    match answered {
        Ok(1) => receive(channel, descriptors),
        Ok(_) | Err(Errno::INTR) => Ok(None),
        Err(errno) => Err(refusal("poll", "channel")(errno)),
    }
}

/// The next report and the descriptor that came with it, or -1; an empty text is the end of file.
fn take_message(fd: BorrowedFd<'_>) -> Result<(String, i32), Errno> {
    // First how long the next packet is: nobody pays for the longest report that could be.
    let flags = RecvFlags::DONTWAIT | RecvFlags::PEEK | RecvFlags::TRUNC;
    let mut none = [0u8; 0];
    let (_, length) = rustix::io::retry_on_intr(|| recv(fd, &mut none[..], flags))?;
    if length == 0 {
        return Ok((String::new(), -1));
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
    Ok((String::from_utf8_lossy(&buffer).into_owned(), descriptor))
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
