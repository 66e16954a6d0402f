//! The daemon's side of a keeper's protocol, which is drawn in `slipway_wire::keeper`.
//!
//! - [`socket_pair`], [`connect_keeper`]: a connection, with a new keeper or to one that is there
//! - [`send_order`], [`order_birth`]: a packet with descriptors; words come by `receive`
//! - [`shut_down`]: the end of a connection that somebody watches
//!
//! Nothing here waits: an order that does not fit into the socket is refused.
//! Sources: unix(7), sendmsg(2), memfd_create(2).

use crate::descriptors::write_all;
use crate::{refusal, refused};
use napi_derive::napi;
use rustix::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd};
use rustix::fs::{MemfdFlags, Mode, OFlags};
use rustix::io::{Errno, IoSlice};
use rustix::net::{
    AddressFamily, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, Shutdown, SocketAddrUnix,
    SocketFlags, SocketType, sendmsg,
};
use slipway_wire::LONGEST_STRING;
use slipway_wire::keeper::{LONGEST_ORDER, MOST_DESCRIPTORS, SOCKET};
use std::mem::MaybeUninit;

fn pair(kind: SocketType) -> napi::Result<(OwnedFd, OwnedFd)> {
    rustix::net::socketpair(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None)
        .map_err(refusal("socketpair", "AF_UNIX, SOCK_CLOEXEC"))
}

/// `int socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, int sv[2])`, or with `SOCK_STREAM`.
#[napi]
pub fn socket_pair(is_stream: bool) -> napi::Result<Vec<i32>> {
    let (one, other) = pair(match is_stream {
        true => SocketType::STREAM,
        false => SocketType::SEQPACKET,
    })?;
    Ok(vec![one.into_raw_fd(), other.into_raw_fd()])
}

/// `int connect(int sockfd, const struct sockaddr *addr, socklen_t addrlen)`: to the keeper in
/// `folder`, or nothing if none answers there.
#[napi]
pub fn connect_keeper(folder: String) -> napi::Result<Option<i32>> {
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory = match rustix::fs::open(&folder, flags, Mode::empty()) {
        Err(Errno::NOENT) => return Ok(None),
        opened => opened.map_err(refusal("open", format!("{folder:?}, O_PATH|O_DIRECTORY")))?,
    };
    // A socket's path is at most 108 bytes long.
    let path = format!("/proc/self/fd/{}/{SOCKET}", directory.as_raw_fd());
    let address = SocketAddrUnix::new(path).map_err(refusal("connect", SOCKET))?;
    let kind = SocketType::SEQPACKET;
    let socket = rustix::net::socket_with(AddressFamily::UNIX, kind, SocketFlags::CLOEXEC, None)
        .map_err(refusal("socket", "AF_UNIX, SOCK_SEQPACKET|SOCK_CLOEXEC"))?;
    match rustix::net::connect(&socket, &address) {
        Err(Errno::NOENT | Errno::CONNREFUSED) => Ok(None),
        Err(errno) => Err(refusal("connect", format!("\"{folder}/{SOCKET}\""))(errno)),
        Ok(()) => Ok(Some(socket.into_raw_fd())),
    }
}

/// `ssize_t sendmsg(int sockfd, const struct msghdr *msg, MSG_DONTWAIT | MSG_NOSIGNAL)`: an order,
/// and duplicates of `descriptors`.
#[napi]
pub fn send_order(connection: i32, order: String, descriptors: Vec<i32>) -> napi::Result<()> {
    let borrowed: Vec<BorrowedFd<'_>> = descriptors
        .iter()
        .map(|one| match *one {
            ..0 => Err(refused(
                "sendmsg",
                &format!("descriptor {one}"),
                libc::EBADF,
            )),
            // SAFETY: the caller's, who keeps it open; a number without a file is refused.
            fd => Ok(unsafe { BorrowedFd::borrow_raw(fd) }),
        })
        .collect::<napi::Result<_>>()?;
    send(connection, &order, &borrowed)
}

fn send(connection: i32, order: &str, descriptors: &[BorrowedFd<'_>]) -> napi::Result<()> {
    let count = descriptors.len();
    let shown = || format!("{} bytes, {count} descriptors", order.len());
    if order.len() > LONGEST_ORDER || count > MOST_DESCRIPTORS {
        return Err(refused("sendmsg", &shown(), libc::EMSGSIZE));
    }
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST_DESCRIPTORS))];
    let mut beside = SendAncillaryBuffer::new(&mut space);
    if count > 0 {
        beside.push(SendAncillaryMessage::ScmRights(descriptors));
    }
    // SAFETY: the caller owns the connection.
    let socket = unsafe { BorrowedFd::borrow_raw(connection) };
    let parts = [IoSlice::new(order.as_bytes())];
    let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
    rustix::io::retry_on_intr(|| sendmsg(socket, &parts, &mut beside, flags))
        .map(drop)
        .map_err(refusal("sendmsg", shown()))
}

/// A `birth` with what each of them has: `init`, the program, and one end of a new channel, whose
/// other end is returned. Duplicates of `descriptors` stand behind these.
#[napi]
pub fn order_birth(
    connection: i32,
    order: String,
    init: i32,
    program: String,
    descriptors: Vec<i32>,
) -> napi::Result<i32> {
    let (ours, theirs) = pair(SocketType::SEQPACKET)?;
    let program = program_file(&program)?;
    let mut all = vec![init, program.as_raw_fd(), theirs.as_raw_fd()];
    all.extend(descriptors);
    send_order(connection, order, all)?;
    Ok(ours.into_raw_fd())
}

/// A memfd with the program in strings that an environment can hold, each with its NUL.
fn program_file(program: &str) -> napi::Result<OwnedFd> {
    let memory = rustix::fs::memfd_create("program", MemfdFlags::CLOEXEC)
        .map_err(refusal("memfd_create", "\"program\", MFD_CLOEXEC"))?;
    let mut strings = Vec::with_capacity(program.len() + 64);
    for piece in program.as_bytes().chunks(LONGEST_STRING) {
        strings.extend_from_slice(piece);
        strings.push(0);
    }
    write_all(&memory, &strings)?;
    Ok(memory)
}

/// `int shutdown(int sockfd, SHUT_RDWR)`: whoever watches it sees its end; then it can be closed.
#[napi]
pub fn shut_down(socket: i32) {
    // SAFETY: the caller owns the socket.
    let socket = unsafe { OwnedFd::from_raw_fd(socket) };
    // It fails if the other end has gone, and then the end is seen anyhow.
    let _ = rustix::net::shutdown(socket.as_fd(), Shutdown::Both);
    let _ = socket.into_raw_fd();
}
