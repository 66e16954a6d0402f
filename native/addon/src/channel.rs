//! The parent's end of the channel to slipway-init. The protocol is drawn in `slipway-wire`.

use crate::refusal;
use napi_derive::napi;
use rustix::fd::{BorrowedFd, IntoRawFd};
use rustix::io::{Errno, IoSliceMut};
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendFlags, recvmsg, send};
use slipway_wire::GO;
use std::mem::MaybeUninit;
use tokio::io::{Interest, unix::AsyncFd};

/// The longest report: a refused `execve` names its arguments, which the kernel limits to 2 MiB.
const LONGEST_REPORT: usize = 256 * 1024;

#[napi(object)]
pub struct Message {
    /// One report, as JSON.
    pub text: String,
    /// The descriptor that came with it (close-on-exec; the caller's to close), or -1.
    pub descriptor: i32,
}

/// `ssize_t recvmsg(int sockfd, struct msghdr *msg, int flags)`: the next report, or nothing at
/// the end of file, which is the moment of `execve`, or of init's death.
#[napi]
pub async fn receive(channel: i32) -> napi::Result<Option<Message>> {
    // SAFETY: the caller keeps the channel open until this promise has settled.
    let fd = unsafe { BorrowedFd::borrow_raw(channel) };
    match take_message(fd) {
        Err(Errno::AGAIN) => {}
        taken => return taken.map_err(refusal("recvmsg", "channel")),
    }
    // SAFETY: the same promise; the registration ends before this function does.
    let watched = unsafe { AsyncFd::register_with_interest(fd, Interest::READABLE) }
        .map_err(|error| napi::Error::from_reason(error.to_string()))?;
    loop {
        let mut guard = watched
            .readable()
            .await
            .map_err(|error| napi::Error::from_reason(error.to_string()))?;
        match take_message(fd) {
            Err(Errno::AGAIN) => guard.clear_ready(),
            taken => return taken.map_err(refusal("recvmsg", "channel")),
        }
    }
}

fn take_message(fd: BorrowedFd<'_>) -> Result<Option<Message>, Errno> {
    let mut buffer = vec![0; LONGEST_REPORT];
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
    let length = match received {
        // Init ended with an answer of ours unread: for the reader that is the end as well.
        Ok(message) if message.bytes == 0 => return Ok(None),
        Err(Errno::CONNRESET) => return Ok(None),
        Ok(message) => message.bytes,
        Err(errno) => return Err(errno),
    };
    let descriptor = ancillary
        .drain()
        .find_map(|part| match part {
            RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
            _ => None,
        })
        .map_or(-1, IntoRawFd::into_raw_fd);
    buffer.truncate(length);
    Ok(Some(Message {
        text: String::from_utf8_lossy(&buffer).into_owned(),
        descriptor,
    }))
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
