//! The keeper's folder: the socket that daemons find it by, and the file that outlives it.
//!
//! - [`Place::listen`]: `keeper.sock`, for root alone; refused if another keeper answers there
//! - [`Place::accept`]: the next daemon
//! - [`Place::write_exit`], [`Place::forget_exit`]: how the main child ended, whole or not at all
//! - [`Place::leave`]: nobody finds this keeper any more
//!
//! A socket's path has at most 108 bytes, so it is reached through the folder's descriptor.
//! Sources: unix(7), proc(5) for `/proc/self/fd`, rename(2).

use crate::root::proc_path;
use alloc::format;
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketFlags, SocketType};
use slipway_wire::keeper::{EXIT_FILE, Ending, SOCKET};

#[derive(Default)]
pub struct Place {
    folder: Option<OwnedFd>,
    listener: Option<OwnedFd>,
}

/// So many daemons may wait to be let in.
const BACKLOG: i32 = 16;

impl Place {
    /// `int bind(int sockfd, const struct sockaddr *addr, socklen_t addrlen)`, then `listen(2)`.
    pub fn listen(&mut self, folder: OwnedFd) -> Result<(), Errno> {
        if self.folder.is_some() {
            return Err(Errno::ISCONN);
        }
        let address = SocketAddrUnix::new(format!("{}/{SOCKET}", proc_path(&folder)))?;
        let listener = socket()?;
        // Nobody but its owner may connect, from its first moment on.
        let before = rustix::process::umask(Mode::from_raw_mode(0o177));
        let bound = rustix::net::bind(&listener, &address).or_else(|errno| {
            if errno != Errno::ADDRINUSE || rustix::net::connect(&socket()?, &address).is_ok() {
                return Err(errno);
            }
            // Its keeper was killed.
            rustix::fs::unlinkat(&folder, SOCKET, AtFlags::empty())?;
            rustix::net::bind(&listener, &address)
        });
        rustix::process::umask(before);
        bound?;
        rustix::net::listen(&listener, BACKLOG)?;
        self.folder = Some(folder);
        self.listener = Some(listener);
        Ok(())
    }

    pub fn listener(&self) -> Option<BorrowedFd<'_>> {
        self.listener.as_ref().map(AsFd::as_fd)
    }

    pub fn accept(&self) -> Option<OwnedFd> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        rustix::net::accept_with(self.listener.as_ref()?, flags).ok()
    }

    /// A former main child's end is not that of the one that is being born.
    pub fn forget_exit(&self) {
        if let Some(folder) = &self.folder {
            let _ = rustix::fs::unlinkat(folder, EXIT_FILE, AtFlags::empty());
        }
    }

    /// A disk that is full, or a folder that is gone, is the next daemon's loss: it finds no file.
    pub fn write_exit(&self, ending: &Ending<'_>) {
        let (Some(folder), Ok(mut line)) = (&self.folder, serde_json::to_vec(ending)) else {
            return;
        };
        line.push(b'\n');
        let fresh = format!("{EXIT_FILE}.new");
        if write(folder, &fresh, &line).is_ok() {
            let _ = rustix::fs::renameat(folder, fresh, folder, EXIT_FILE);
        }
    }

    pub fn leave(&mut self) {
        if let (Some(folder), Some(_)) = (&self.folder, self.listener.take()) {
            let _ = rustix::fs::unlinkat(folder, SOCKET, AtFlags::empty());
        }
    }
}

fn write(folder: &OwnedFd, name: &str, line: &[u8]) -> Result<(), Errno> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::TRUNC | OFlags::CLOEXEC;
    let file = rustix::fs::openat(folder, name, flags, Mode::from_raw_mode(0o600))?;
    match rustix::io::write(&file, line)? == line.len() {
        true => Ok(()),
        false => Err(Errno::NOSPC),
    }
}

fn socket() -> Result<OwnedFd, Errno> {
    let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
    rustix::net::socket_with(AddressFamily::UNIX, SocketType::SEQPACKET, flags, None)
}
