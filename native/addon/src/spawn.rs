//! The birth of a container: everything that happens before slipway-init's first instruction.
//!
//! In order, and all of it in one sleep of the calling thread (well below a millisecond, the
//! kernel's work on the namespaces apart): `clone3` → the child enters its control groups → its
//! descriptors are put at their numbers → `execveat` of the sealed init. The calling thread must
//! be one that lives as long as the process: the kernel's "parent" in `PR_SET_PDEATHSIG` is a
//! thread. That is why this call is not asynchronous.
//!
//! A control group of version 2 is entered by `CLONE_INTO_CGROUP`, which takes no lock; where the
//! kernel refuses that, or kills the child at birth (some do, in a group that was ever killed),
//! and for version 1, the child writes itself into the group. Either way it is inside before
//! init runs, so no instruction of the application is ever outside its limits. A new cgroup
//! namespace takes as its root the groups that its maker is in, so with control groups the child
//! makes that one itself, once it is inside of them.

use crate::cradle::{Cradle, Move, child};
use crate::groups::{Group, open_groups};
use crate::streams::Streams;
use crate::{clone::vfork_into, refusal, refused};
use napi_derive::napi;
use rustix::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};
use rustix::net::{AddressFamily, SocketFlags, SocketType};
use slipway_wire::{CHANNEL_FD, FIRST_DESCRIPTOR, LONGEST_STRING};
use std::ffi::{CString, c_char};
use std::sync::OnceLock;

/// The two flags above 32 bits (linux/sched.h); the libc crate's constants are too narrow.
const CLONE_CLEAR_SIGHAND: u64 = 0x1_0000_0000;
const CLONE_INTO_CGROUP: u64 = 0x2_0000_0000;

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
    let groups = open_groups(&request.cgroups)?;
    let mut streams = Streams::open(&request.stdio)?;
    let mut moves: Vec<Move> = streams
        .child_ends
        .iter()
        .copied()
        .zip(0..)
        .map(Move::from)
        .collect();
    moves.push(Move::from((theirs.as_raw_fd(), CHANNEL_FD)));
    moves.extend(
        request
            .descriptors
            .iter()
            .copied()
            .zip(FIRST_DESCRIPTOR..)
            .map(Move::from),
    );
    let pieces = pieces(&request.program)?;
    let environment = null_terminated(&pieces);
    let born = give_birth(&request, &groups, &moves, &environment)?;
    Ok(Birth {
        channel: ours.into_raw_fd(),
        stdio: streams.take_parent_ends(),
        ..born
    })
}

/// The program in strings that an environment can hold.
fn pieces(program: &str) -> napi::Result<Vec<CString>> {
    let pieces = program.as_bytes().chunks(LONGEST_STRING);
    pieces
        .map(|piece| CString::new(piece).map_err(napi::Error::from))
        .collect()
}

fn null_terminated(strings: &[CString]) -> Vec<*const c_char> {
    let pointers = strings.iter().map(|string| string.as_ptr());
    pointers.chain([std::ptr::null()]).collect()
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

fn give_birth(
    request: &BirthRequest,
    groups: &[Group],
    moves: &[Move],
    environment: &[*const c_char],
) -> napi::Result<Birth> {
    let into = groups.iter().find(|group| group.version == 2);
    if let Some(group) = into {
        match try_birth(
            request,
            groups,
            moves,
            environment,
            Some(group.directory.as_fd()),
        ) {
            // The group is full, or so is the machine: a way around that limit is not wanted.
            Err(Stillborn::Refused(error, libc::EAGAIN)) => return Err(error),
            Err(Stillborn::Refused(..) | Stillborn::KilledAtBirth) => {}
            Err(Stillborn::Failed(error)) => return Err(error),
            Ok(birth) => return Ok(birth),
        }
    }
    try_birth(request, groups, moves, environment, None).map_err(|stillborn| match stillborn {
        Stillborn::Refused(error, _) | Stillborn::Failed(error) => error,
        Stillborn::KilledAtBirth => refused("clone3", "the child was killed at birth", libc::ESRCH),
    })
}

enum Stillborn {
    /// `clone3` itself was refused, with this errno.
    Refused(napi::Error, i32),
    /// The child ended before its first instruction.
    KilledAtBirth,
    /// The child lived, and one of its calls failed.
    Failed(napi::Error),
}

fn try_birth(
    request: &BirthRequest,
    groups: &[Group],
    moves: &[Move],
    environment: &[*const c_char],
    into: Option<BorrowedFd<'_>>,
) -> Result<Birth, Stillborn> {
    let written: Vec<RawFd> = groups
        .iter()
        .filter(|group| into.is_none_or(|fd| fd.as_raw_fd() != group.directory.as_raw_fd()))
        .map(|group| group.members.as_raw_fd())
        .collect();
    let unshared = match groups {
        [] => 0,
        _ => request.flags & libc::CLONE_NEWCGROUP as u32,
    };
    let ignored = ignored_signals();
    let mut cradle = Cradle {
        init: request.init,
        environment: environment.as_ptr(),
        ignored: ignored.as_ptr(),
        ignored_count: ignored.len(),
        groups: written.as_ptr(),
        group_count: written.len(),
        unshares_cgroup: unshared != 0,
        moves: moves.as_ptr(),
        move_count: moves.len(),
        keeps_rights: request.flags & libc::CLONE_NEWUSER as u32 != 0,
        alive: false,
        failed_call: None,
        errno: 0,
    };
    let mut pidfd: RawFd = -1;
    // SAFETY: zero is a valid value of every field of this plain structure.
    let mut args: libc::clone_args = unsafe { std::mem::zeroed() };
    args.flags =
        u64::from(request.flags & !unshared) | libc::CLONE_PIDFD as u64 | CLONE_CLEAR_SIGHAND;
    args.exit_signal = libc::SIGCHLD as u64;
    args.pidfd = &raw mut pidfd as u64;
    if let Some(directory) = into {
        args.flags |= CLONE_INTO_CGROUP;
        args.cgroup = directory.as_raw_fd() as u64;
    }
    let cradle_pointer = &raw mut cradle;
    // SAFETY: `child` keeps to raw system calls, and the cradle outlives the call.
    let pid = unsafe { vfork_into(&mut args, child, cradle_pointer.cast()) };
    if pid < 0 {
        let shown = format!("flags {:#x}", args.flags);
        let errno = -pid as i32;
        return Err(Stillborn::Refused(refused("clone3", &shown, errno), errno));
    }
    // SAFETY: the kernel has just given us this descriptor.
    let pidfd = unsafe { OwnedFd::from_raw_fd(pidfd) };
    // SAFETY: the child, which shared this memory, has executed a program or ended by now.
    let (alive, failed_call, errno) = unsafe {
        let cradle = &raw const cradle;
        ((*cradle).alive, (*cradle).failed_call, (*cradle).errno)
    };
    let stillborn = match failed_call {
        None if alive => {
            return Ok(Birth {
                pid: pid as i32,
                pidfd: pidfd.into_raw_fd(),
                channel: -1,
                stdio: Vec::new(),
            });
        }
        None => Stillborn::KilledAtBirth,
        Some(call) => {
            let (syscall, args) = call.shown();
            Stillborn::Failed(refused(syscall, args, errno))
        }
    };
    reap(&pidfd);
    Err(stillborn)
}

/// Takes the status of a child that is known to have ended, so that no zombie is left.
fn reap(pidfd: &OwnedFd) {
    let id = rustix::process::WaitId::PidFd(pidfd.as_fd());
    let _ = rustix::io::retry_on_intr(|| {
        rustix::process::waitid(id.clone(), rustix::process::WaitIdOptions::EXITED)
    });
}
