//! The start of a child of ours: `slipway-cradle` for Node.
//!
//! - [`spawn`]: opens streams, groups and channel, and gives birth
//!
//! This call is not asynchronous: the kernel's "parent" in `PR_SET_PDEATHSIG` is a thread, and
//! only the one that runs JavaScript lives as long as the process.

use crate::{refusal, thrown};
use napi_derive::napi;
use rustix::fd::{AsRawFd, IntoRawFd};
use rustix::net::{AddressFamily, SocketFlags, SocketType};
use slipway_cradle::groups::open_groups;
use slipway_cradle::streams::Streams;
use slipway_cradle::{Request, give_birth};
use slipway_wire::LONGEST_STRING;
use std::ffi::{CStr, CString};
use std::sync::OnceLock;

#[napi(object)]
pub struct BirthRequest {
    /// The sealed slipway-init, from `sealProgram`.
    pub init: i32,
    /// The program of system calls, as JSON.
    pub program: String,
    /// `CLONE_NEW*` flags.
    pub flags: u32,
    /// For 0, 1 and 2: descriptors, or what stands in place of one (see `streams`).
    pub stdio: Vec<i32>,
    /// Descriptors that the steps name by their index.
    pub descriptors: Vec<i32>,
    /// Directories of control groups, of either version, to be inside of from birth.
    pub cgroups: Vec<String>,
}

#[napi(object)]
pub struct Birth {
    pub pid: i32,
    pub pidfd: i32,
    /// The parent's end of the channel.
    pub channel: i32,
    /// The parent's ends of the pipes at 0, 1 and 2; -1 where there is none.
    pub stdio: Vec<i32>,
}

/// Starts slipway-init in new namespaces and returns as soon as it runs.
#[napi]
pub fn spawn(request: BirthRequest) -> napi::Result<Birth> {
    let (ours, theirs) = rustix::net::socketpair(
        AddressFamily::UNIX,
        SocketType::SEQPACKET,
        SocketFlags::CLOEXEC,
        None,
    )
    .map_err(refusal(
        "socketpair",
        "AF_UNIX, SOCK_SEQPACKET|SOCK_CLOEXEC",
    ))?;
    let groups = open_groups(&request.cgroups).map_err(thrown)?;
    let mut streams = Streams::open(&request.stdio).map_err(thrown)?;
    let pieces = pieces(&request.program)?;
    let born = give_birth(&Request {
        init: request.init,
        program: &pieces.iter().map(CString::as_c_str).collect::<Vec<&CStr>>(),
        flags: request.flags,
        streams: &streams.child_ends,
        channel: theirs.as_raw_fd(),
        descriptors: &request.descriptors,
        groups: &groups,
        ignored_signals: ignored_signals(),
    })
    .map_err(thrown)?;
    let ends = streams.take_parent_ends().into_iter();
    Ok(Birth {
        pid: born.pid,
        pidfd: born.pidfd.into_raw_fd(),
        channel: ours.into_raw_fd(),
        stdio: ends
            .map(|end| end.map_or(-1, IntoRawFd::into_raw_fd))
            .collect(),
    })
}

/// The program in strings that an environment can hold.
fn pieces(program: &str) -> napi::Result<Vec<CString>> {
    let pieces = program.as_bytes().chunks(LONGEST_STRING);
    pieces
        .map(|piece| CString::new(piece).map_err(napi::Error::from))
        .collect()
}

/// The signals that this process ignores, which stay ignored across `execve`: Node wants no
/// SIGPIPE, and a shell that inherits that never sees a broken pipe. Looked up once: Node settles
/// them when it starts, and what JavaScript listens for afterwards has a handler, which
/// `CLONE_CLEAR_SIGHAND` takes away.
fn ignored_signals() -> &'static [i32] {
    static IGNORED: OnceLock<Vec<i32>> = OnceLock::new();
    IGNORED.get_or_init(|| (1..=64).filter(|signal| is_ignored(*signal)).collect())
}

fn is_ignored(signal: i32) -> bool {
    // SAFETY: the call fills the structure, of which zero is a valid value, or leaves it alone.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        let answered = libc::sigaction(signal, std::ptr::null(), &mut action) == 0;
        answered && action.sa_sigaction == libc::SIG_IGN
    }
}
