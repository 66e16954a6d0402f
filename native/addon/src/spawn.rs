//! The start of a child of ours: `slipway-cradle` for Node.
//!
//! - [`spawn`]: opens streams, groups and channel, and gives birth
//!
//! This call is not asynchronous: the kernel's "parent" in `PR_SET_PDEATHSIG` is a thread, and
//! only the one that runs JavaScript lives as long as the process.

use crate::{refusal, thrown};
use napi::bindgen_prelude::Int32ArraySlice;
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
    /// Some step before `exec` needs the rights that a new user namespace gives: holding on to them
    /// across init's own birth costs a system call for each.
    pub needs_rights: bool,
    /// For 0, 1 and 2: descriptors, or what stands in place of one (see `streams`).
    pub stdio: Vec<i32>,
    /// Descriptors that the steps name by their index.
    pub descriptors: Vec<i32>,
    /// Directories of control groups, of either version, to be inside of from birth.
    pub cgroups: Vec<String>,
}

/// Starts slipway-init in new namespaces and returns as soon as it runs.
///
/// Into the first six places of `born` come the pid, the pidfd, our end of the channel, and our
/// ends of the pipes at 0, 1 and 2, or -1 where there is none: numbers in a place that is there
/// already cost nothing, and each property of a new object as much as a system call.
#[napi]
pub fn spawn(request: BirthRequest, mut born: Int32ArraySlice<'_>) -> napi::Result<()> {
    // SAFETY: JavaScript waits for this call and touches nothing meanwhile.
    let Some((facts, pipes)) = (unsafe { born.as_mut() }).split_first_chunk_mut::<3>() else {
        return Err(napi::Error::from_reason("no place for what was born"));
    };
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
    let birth = give_birth(&Request {
        init: request.init,
        program: &pieces.iter().map(CString::as_c_str).collect::<Vec<&CStr>>(),
        flags: request.flags,
        streams: &streams.child_ends,
        channel: theirs.as_raw_fd(),
        descriptors: &request.descriptors,
        groups: &groups,
        needs_rights: request.needs_rights,
        ignored_signals: ignored_signals(),
    })
    .map_err(thrown)?;
    *facts = [birth.pid, birth.pidfd.into_raw_fd(), ours.into_raw_fd()];
    for (place, end) in pipes.iter_mut().zip(streams.take_parent_ends()) {
        *place = end.map_or(-1, IntoRawFd::into_raw_fd);
    }
    Ok(())
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
