//! Netlink: how the kernel is asked for links, addresses, routes and firewall elements.
//!
//! - [`netlink_open`]: a socket, in our network namespace or in another one
//! - [`new_network`]: a namespace that nobody is in yet, and a socket in it
//! - [`netlink_talk`]: sends messages and collects what the kernel answers
//! - [`netlink_index`]: the number of a link by its name, without waiting for anybody
//! - [`network_setting`]: a kernel setting of a namespace
//! - [`netlink_cookie`]: the number that tells one network namespace from all others
//! - [`in_namespace`]: runs a closure elsewhere; also for `sockets.rs`
//!
//! A socket belongs for good to the namespace in which it was made. So nothing of Node's ever
//! moves: a thread of our own does `setns` or `unshare`, makes the socket and ends. What the
//! messages say is decided and encoded in TypeScript. Sources: netlink(7), setns(2), socket(7).

use crate::{refusal, refused};
use napi::bindgen_prelude::{AsyncTask, BigInt, Uint8Array};
use napi::{Env, Task};
use napi_derive::napi;
use rustix::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd};
use rustix::fs::{Mode, OFlags};

/// The longest answers are dumps, of which the kernel hands out at most 32 KiB at a time.
const LARGEST_PIECE: usize = 64 * 1024;
/// Room for the acknowledgements of some thousand messages that are sent at once.
const RECEIVE_BUFFER: libc::c_int = 4 * 1024 * 1024;
/// Of the thread that opens it.
const OWN_NETWORK: &str = "/proc/thread-self/ns/net";

/// `int socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, int protocol)`, in the network namespace behind
/// `namespace` (a pidfd, or a descriptor of `/proc/PID/ns/net`), or in ours if that is -1.
#[napi]
pub fn netlink_open(protocol: i32, namespace: i32) -> napi::Result<i32> {
    let socket = in_namespace(namespace, move || open(protocol))?;
    tune(&socket);
    Ok(socket.into_raw_fd())
}

/// `int unshare(CLONE_NEWNET)`, by a thread that ends: the new namespace as a descriptor, and a
/// socket for links and routes in it. It goes with the last that is open of it or lives in it.
///
/// Nobody here waits for it: the kernel does it only when it has taken down what went before.
#[napi(ts_return_type = "Promise<Array<number>>")]
pub fn new_network() -> AsyncTask<NewNetwork> {
    AsyncTask::new(NewNetwork)
}

pub struct NewNetwork;

impl Task for NewNetwork {
    type Output = (OwnedFd, OwnedFd);
    type JsValue = Vec<i32>;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        on_own_thread(|| {
            // SAFETY: one number, and the thread is ours alone.
            if unsafe { libc::unshare(libc::CLONE_NEWNET) } != 0 {
                return Err(failed("unshare", "CLONE_NEWNET"));
            }
            let flags = OFlags::RDONLY | OFlags::CLOEXEC;
            let namespace = rustix::fs::open(OWN_NETWORK, flags, Mode::empty())
                .map_err(refusal("open", OWN_NETWORK))?;
            let socket = open(libc::NETLINK_ROUTE)?;
            tune(&socket);
            Ok((namespace, socket))
        })
    }

    fn resolve(
        &mut self,
        _: Env,
        (namespace, socket): Self::Output,
    ) -> napi::Result<Self::JsValue> {
        Ok(vec![namespace.into_raw_fd(), socket.into_raw_fd()])
    }
}

fn tune(socket: &OwnedFd) {
    for option in [libc::NETLINK_EXT_ACK, libc::NETLINK_CAP_ACK] {
        // Older kernels know neither: their answers only say less.
        let _ = set(socket, libc::SOL_NETLINK, option, 1);
    }
    let _ = set(
        socket,
        libc::SOL_SOCKET,
        libc::SO_RCVBUFFORCE,
        RECEIVE_BUFFER,
    );
}

fn open(protocol: i32) -> Result<OwnedFd, napi::Error> {
    // SAFETY: three numbers; the result is checked before it is owned.
    let fd = unsafe {
        libc::socket(
            libc::AF_NETLINK,
            libc::SOCK_RAW | libc::SOCK_CLOEXEC,
            protocol,
        )
    };
    owned(
        fd,
        "socket",
        &format!("AF_NETLINK, SOCK_RAW|SOCK_CLOEXEC, {protocol}"),
    )
}

/// `ssize_t send(int sockfd, const void *buf, size_t len, 0)`, then
/// `ssize_t recv(int sockfd, void *buf, size_t len, MSG_DONTWAIT)` until there is nothing more.
///
/// The kernel works through the messages during `send`, and through the rest of a dump during
/// each `recv`: when the queue is empty it has said everything.
#[napi]
pub fn netlink_talk(socket: i32, messages: &[u8]) -> napi::Result<Uint8Array> {
    // SAFETY: the slice outlives the call.
    let sent = unsafe { libc::send(socket, messages.as_ptr().cast(), messages.len(), 0) };
    if sent == -1 {
        return Err(failed("send", "netlink"));
    }
    let mut answers = Vec::new();
    let mut piece = vec![0u8; LARGEST_PIECE];
    loop {
        // SAFETY: the buffer is as long as we say.
        let got = unsafe {
            libc::recv(
                socket,
                piece.as_mut_ptr().cast(),
                piece.len(),
                libc::MSG_DONTWAIT,
            )
        };
        match got {
            -1 => match errno() {
                libc::EAGAIN => return Ok(answers.into()),
                libc::EINTR => {}
                _ => return Err(failed("recv", "netlink")),
            },
            length => answers.extend_from_slice(&piece[..length as usize]),
        }
    }
}

/// `int ioctl(int sockfd, SIOCGIFINDEX, struct ifreq *ifr)`: the number of the link `name` in the
/// socket's namespace, or nothing. `RTM_GETLINK` would tell more, and wait while links come or go.
#[napi]
pub fn netlink_index(socket: i32, name: String) -> napi::Result<Option<i32>> {
    // SAFETY: zero is a valid value of every field of this plain structure.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    // The last byte stays zero: it ends the name.
    let room = request.ifr_name.len() - 1;
    for (place, byte) in request.ifr_name[..room].iter_mut().zip(name.bytes()) {
        *place = byte as libc::c_char;
    }
    // SAFETY: the kernel reads the name and fills the number, both inside the structure.
    match unsafe { libc::ioctl(socket, libc::SIOCGIFINDEX, &raw mut request) } {
        // SAFETY: what this request has filled is the number.
        0 => Ok(Some(unsafe { request.ifr_ifru.ifru_ifindex })),
        _ if errno() == libc::ENODEV => Ok(None),
        _ => Err(failed("ioctl", "netlink, SIOCGIFINDEX")),
    }
}

/// `int getsockopt(int sockfd, SOL_SOCKET, SO_NETNS_COOKIE, …)`: a namespace's number, which
/// no other one gets until the next boot (an inode of `/proc/PID/ns/net` is given out again).
#[napi]
pub fn netlink_cookie(socket: i32) -> napi::Result<BigInt> {
    const SO_NETNS_COOKIE: libc::c_int = 71;
    let mut cookie = 0u64;
    let mut length = size_of::<u64>() as libc::socklen_t;
    // SAFETY: the kernel fills eight bytes at most.
    let result = unsafe {
        libc::getsockopt(
            socket,
            libc::SOL_SOCKET,
            SO_NETNS_COOKIE,
            (&raw mut cookie).cast(),
            &raw mut length,
        )
    };
    match result {
        0 => Ok(cookie.into()),
        _ => Err(failed("getsockopt", "SO_NETNS_COOKIE")),
    }
}

/// `int open("/proc/sys/…", O_WRONLY | O_CLOEXEC)` and `write`: what lies at `net/…` there is that
/// of the network namespace of whoever opens it, here the one behind `namespace`; -1 is ours.
#[napi]
pub fn network_setting(namespace: i32, path: String, value: String) -> napi::Result<()> {
    in_namespace(namespace, move || {
        let path = format!("/proc/sys/{path}");
        let flags = OFlags::WRONLY | OFlags::CLOEXEC;
        let file = rustix::fs::open(&path, flags, Mode::empty()).map_err(refusal("open", &path))?;
        rustix::io::write(&file, value.as_bytes()).map_err(refusal("write", &path))?;
        Ok(())
    })
}

/// What `make` returns when it runs inside the network namespace behind `namespace`; -1 is ours.
///
/// `int setns(int fd, CLONE_NEWNET)` moves one thread, so the thread is made for it and ends.
pub fn in_namespace<T: Send + 'static>(
    namespace: i32,
    make: impl FnOnce() -> napi::Result<T> + Send + 'static,
) -> napi::Result<T> {
    if namespace == -1 {
        return make();
    }
    on_own_thread(move || {
        // SAFETY: two numbers, and the thread is ours alone.
        match unsafe { libc::setns(namespace, libc::CLONE_NEWNET) } {
            0 => make(),
            _ => Err(failed("setns", "namespace, CLONE_NEWNET")),
        }
    })
}

/// What `make` returns, from a thread that may go where it likes: it ends there.
fn on_own_thread<T: Send + 'static>(
    make: impl FnOnce() -> napi::Result<T> + Send + 'static,
) -> napi::Result<T> {
    std::thread::Builder::new()
        .stack_size(64 * 1024)
        .spawn(make)
        .map_err(|error| refused("clone3", "a thread", error.raw_os_error().unwrap_or(0)))?
        .join()
        .unwrap_or_else(|_| Err(refused("clone3", "a thread that panicked", libc::EIO)))
}

/// `int setsockopt(int sockfd, int level, int option, const int *value, sizeof(int))`
pub fn set(socket: &OwnedFd, level: i32, option: i32, value: libc::c_int) -> napi::Result<()> {
    // SAFETY: the value outlives the call, and its size is what we say.
    let result = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            level,
            option,
            (&raw const value).cast(),
            size_of::<libc::c_int>() as libc::socklen_t,
        )
    };
    match result {
        0 => Ok(()),
        _ => Err(failed("setsockopt", &format!("{level}, {option}"))),
    }
}

/// The descriptor that a call has just returned, or its refusal.
pub fn owned(fd: libc::c_int, syscall: &str, args: &str) -> napi::Result<OwnedFd> {
    match fd {
        -1 => Err(failed(syscall, args)),
        // SAFETY: the kernel has just given us this descriptor.
        fd => Ok(unsafe { OwnedFd::from_raw_fd(fd) }),
    }
}

/// The refusal of the call that this thread has just made.
pub fn failed(syscall: &str, args: &str) -> napi::Error {
    refused(syscall, args, errno())
}

fn errno() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}
