//! Sockets that Node cannot make by itself, because of where they are or what they refuse.
//!
//! - [`bind_socket`]: a bound socket in another network namespace: there a server of ours listens,
//!   though our process is not there
//! - [`is_unread`]: whether the other end has yet to read something
//! - [`reserve_port`], then [`hold_port`]: a port that is taken and never answers: the firewall
//!   sends its traffic elsewhere, and nobody else shall believe that it is free
//!
//! Both are close-on-exec and the caller's to close. Sources: bind(2), ip(7), socket(7).

use crate::netlink::{failed, in_namespace, owned, set};
use crate::refused;
use napi_derive::napi;
use rustix::fd::{AsRawFd, BorrowedFd, IntoRawFd, OwnedFd};
use std::net::{IpAddr, SocketAddr};

/// `int bind(int sockfd, const struct sockaddr *addr, socklen_t addrlen)` of a new TCP or UDP
/// socket in the network namespace behind `namespace` (-1: ours); a TCP one listens.
#[napi]
pub fn bind_socket(namespace: i32, is_tcp: bool, address: String, port: u16) -> napi::Result<i32> {
    in_namespace(namespace, move || {
        let socket = bound(is_tcp, &address, port, true)?;
        if is_tcp {
            listen(&socket, 128)?;
        }
        Ok(socket.into_raw_fd())
    })
}

/// `int ioctl(fd, SIOCOUTQ, int *value)`: what was written and is not read at the other end of a
/// unix socket, or has not come there over TCP. Whatever is no socket has nothing.
#[napi]
pub fn is_unread(descriptor: i32) -> bool {
    let mut waiting: libc::c_int = 0;
    // SAFETY: the kernel writes one number, or refuses.
    let answered = unsafe { libc::ioctl(descriptor, libc::TIOCOUTQ, &raw mut waiting) };
    answered == 0 && waiting > 0
}

/// [`bind_socket`] for a port that only has to be taken. It is free, or this fails.
///
/// A TCP socket that is bound with `SO_REUSEADDR` (a former server's connections may still be in
/// TIME_WAIT) becomes exclusive by `listen(2)` only. But who came now would wait for an answer, and
/// the kernel's conntrack remember that nobody led him elsewhere, each time he tries again. So it
/// listens for a moment, to find out, and `shutdown(2)` makes it one that is bound and refuses.
#[napi]
pub fn reserve_port(is_tcp: bool, address: String, port: u16) -> napi::Result<i32> {
    let socket = bound(is_tcp, &address, port, is_tcp)?;
    if is_tcp {
        listen(&socket, 1)?;
        rustix::net::shutdown(&socket, rustix::net::Shutdown::Read)
            .map_err(|errno| refused("shutdown", "SHUT_RD", errno.raw_os_error()))?;
    } else {
        drop_all(&socket)?;
    }
    Ok(socket.into_raw_fd())
}

/// Makes a reserved TCP socket exclusive, now that no connection arrives at it any more.
#[napi]
pub fn hold_port(descriptor: i32) -> napi::Result<()> {
    // SAFETY: the caller's descriptor, borrowed for two calls.
    let socket = unsafe { BorrowedFd::borrow_raw(descriptor) };
    drop_all(&socket)?;
    listen(&socket, 1)
}

fn bound(is_tcp: bool, address: &str, port: u16, reuse: bool) -> napi::Result<OwnedFd> {
    let shown = format!("{address}, {port}");
    let ip: IpAddr = address
        .parse()
        .map_err(|_| refused("bind", &shown, libc::EINVAL))?;
    let (family, kind) = (
        if ip.is_ipv4() {
            libc::AF_INET
        } else {
            libc::AF_INET6
        },
        if is_tcp {
            libc::SOCK_STREAM
        } else {
            libc::SOCK_DGRAM
        },
    );
    // SAFETY: three numbers; the result is checked before it is owned.
    let fd = unsafe { libc::socket(family, kind | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK, 0) };
    let socket = owned(fd, "socket", &shown)?;
    if ip.is_ipv6() {
        set(&socket, libc::IPPROTO_IPV6, libc::IPV6_V6ONLY, 1)?;
    }
    if reuse {
        set(&socket, libc::SOL_SOCKET, libc::SO_REUSEADDR, 1)?;
    }
    rustix::net::bind(&socket, &SocketAddr::new(ip, port))
        .map_err(|errno| refused("bind", &shown, errno.raw_os_error()))?;
    Ok(socket)
}

fn listen(socket: &impl AsRawFd, backlog: i32) -> napi::Result<()> {
    // SAFETY: two numbers.
    match unsafe { libc::listen(socket.as_raw_fd(), backlog) } {
        0 => Ok(()),
        _ => Err(failed("listen", "socket")),
    }
}

/// `setsockopt(sockfd, SOL_SOCKET, SO_ATTACH_FILTER, {BPF_RET 0})`: every packet is too long.
fn drop_all(socket: &impl AsRawFd) -> napi::Result<()> {
    let mut filter = libc::sock_filter {
        code: 0x06,
        jt: 0,
        jf: 0,
        k: 0,
    };
    let program = libc::sock_fprog {
        len: 1,
        filter: &raw mut filter,
    };
    // SAFETY: the kernel copies one instruction out of memory that outlives the call.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_ATTACH_FILTER,
            (&raw const program).cast(),
            size_of::<libc::sock_fprog>() as libc::socklen_t,
        )
    };
    match result {
        0 => Ok(()),
        _ => Err(failed("setsockopt", "SO_ATTACH_FILTER")),
    }
}
