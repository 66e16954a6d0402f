//! The birth of a container: everything that happens before slipway-init's first instruction.
//!
//! - [`give_birth`]: what the addon does for a child of ours, and the keeper for one of its own
//! - [`child`]: the child until it is slipway-init
//! - [`clone`]: `clone3` in the manner of `vfork`
//! - [`groups`], [`streams`]: what the child is born into and with
//! - [`syscall`], [`refused`]: the kernel, and how its refusals are told
//!
//! In order, and all of it in one sleep of the calling thread (well below a millisecond, the
//! kernel's work on the namespaces apart): `clone3` → the child enters its control groups → its
//! descriptors are put at their numbers → `execveat` of the sealed init. The calling thread must
//! be one that lives as long as the process: the kernel's "parent" in `PR_SET_PDEATHSIG` is a
//! thread.
//!
//! A control group of version 2 is entered by `CLONE_INTO_CGROUP`, which takes no lock; where the
//! kernel refuses that, or kills the child at birth (some do, in a group that was ever killed),
//! and for version 1, the child writes itself into the group. Either way it is inside before
//! init runs, so no instruction of the application is ever outside its limits. A new cgroup
//! namespace takes as its root the groups that its maker is in, so with control groups the child
//! makes that one itself, once it is inside of them.
//!
//! There is no C library here: the keeper has none.

#![no_std]

extern crate alloc;

mod child;
mod clone;
pub mod groups;
pub mod refused;
pub mod streams;
pub mod syscall;

use alloc::format;
use alloc::vec::Vec;
use child::{Cradle, Move, child};
use clone::vfork_into;
use core::ffi::{CStr, c_char};
use groups::Group;
use linux_raw_sys::general as raw;
use refused::{Refused, refusal};
use rustix::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use rustix::io::Errno;
use slipway_wire::{CHANNEL_FD, FIRST_DESCRIPTOR};

/// What a child is born with. All descriptors stay the caller's.
pub struct Request<'a> {
    /// The sealed slipway-init.
    pub init: RawFd,
    /// The program of system calls, in strings that an environment can hold.
    pub program: &'a [&'a CStr],
    /// `CLONE_NEW*` flags.
    pub flags: u32,
    /// For 0, 1 and 2.
    pub streams: &'a [RawFd],
    /// The child's end of the channel.
    pub channel: RawFd,
    /// Descriptors that the steps name by their index.
    pub descriptors: &'a [RawFd],
    pub groups: &'a [Group],
    /// Some step before `exec` needs the rights that a new user namespace gives.
    pub needs_rights: bool,
    /// The signals that this process ignores, which would stay ignored across `execve`.
    pub ignored_signals: &'a [i32],
}

pub struct Birth {
    pub pid: i32,
    pub pidfd: OwnedFd,
}

/// Starts slipway-init in new namespaces and returns as soon as it runs.
pub fn give_birth(request: &Request<'_>) -> Result<Birth, Refused> {
    let into = request.groups.iter().find(|group| group.version == 2);
    if let Some(group) = into {
        match try_birth(request, Some(group.directory.as_fd())) {
            // The group is full, or so is the machine: a way around that limit is not wanted.
            Err(Stillborn::Refused(refused)) if refused.errno == Errno::AGAIN.raw_os_error() => {
                return Err(refused);
            }
            Err(Stillborn::Refused(_) | Stillborn::KilledAtBirth) => {}
            Err(Stillborn::Failed(refused)) => return Err(refused),
            Ok(birth) => return Ok(birth),
        }
    }
    try_birth(request, None).map_err(|stillborn| match stillborn {
        Stillborn::Refused(refused) | Stillborn::Failed(refused) => refused,
        Stillborn::KilledAtBirth => refusal("clone3", "the child was killed at birth")(Errno::SRCH),
    })
}

enum Stillborn {
    /// `clone3` itself was refused.
    Refused(Refused),
    /// The child ended before its first instruction.
    KilledAtBirth,
    /// The child lived, and one of its calls failed.
    Failed(Refused),
}

fn try_birth(request: &Request<'_>, into: Option<BorrowedFd<'_>>) -> Result<Birth, Stillborn> {
    let mut moves = moves(request);
    let environment = null_terminated(request.program);
    let written: Vec<RawFd> = request
        .groups
        .iter()
        .filter(|group| into.is_none_or(|fd| fd.as_raw_fd() != group.directory.as_raw_fd()))
        .map(|group| group.members.as_raw_fd())
        .collect();
    let unshared = match request.groups {
        [] => 0,
        _ => request.flags & raw::CLONE_NEWCGROUP,
    };
    let mut cradle = Cradle {
        init: request.init,
        environment: environment.as_ptr(),
        ignored: request.ignored_signals.as_ptr(),
        ignored_count: request.ignored_signals.len(),
        groups: written.as_ptr(),
        group_count: written.len(),
        unshares_cgroup: unshared != 0,
        moves: moves.as_mut_ptr(),
        move_count: moves.len(),
        keeps_rights: request.needs_rights && request.flags & raw::CLONE_NEWUSER != 0,
        alive: false,
        failed_call: None,
        errno: 0,
    };
    let mut pidfd: RawFd = -1;
    // SAFETY: zero is a valid value of every field of this plain structure.
    let mut args: raw::clone_args = unsafe { core::mem::zeroed() };
    args.flags = u64::from(request.flags & !unshared | raw::CLONE_PIDFD) | raw::CLONE_CLEAR_SIGHAND;
    args.exit_signal = u64::from(raw::SIGCHLD);
    args.pidfd = &raw mut pidfd as u64;
    if let Some(directory) = into {
        args.flags |= raw::CLONE_INTO_CGROUP;
        args.cgroup = directory.as_raw_fd() as u64;
    }
    let cradle_pointer = &raw mut cradle;
    // SAFETY: `child` keeps to raw system calls, and the cradle outlives the call.
    let pid = unsafe { vfork_into(&mut args, child, cradle_pointer.cast()) };
    if pid < 0 {
        let shown = format!("flags {:#x}", args.flags);
        let errno = Errno::from_raw_os_error(-pid as i32);
        return Err(Stillborn::Refused(refusal("clone3", shown)(errno)));
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
                pidfd,
            });
        }
        None => Stillborn::KilledAtBirth,
        Some(call) => {
            let (syscall, args) = call.shown();
            Stillborn::Failed(refusal(syscall, args)(Errno::from_raw_os_error(errno)))
        }
    };
    reap(&pidfd);
    Err(stillborn)
}

/// Each descriptor with its number in the child.
fn moves(request: &Request<'_>) -> Vec<Move> {
    let streams = request.streams.iter().copied().zip(0..);
    let channel = [(request.channel, CHANNEL_FD)];
    let descriptors = request.descriptors.iter().copied().zip(FIRST_DESCRIPTOR..);
    let places = streams.chain(channel).chain(descriptors);
    places.map(Move::from).collect()
}

fn null_terminated(strings: &[&CStr]) -> Vec<*const c_char> {
    let pointers = strings.iter().map(|string| string.as_ptr());
    pointers.chain([core::ptr::null()]).collect()
}

/// Takes the status of a child that is known to have ended, so that no zombie is left.
fn reap(pidfd: &OwnedFd) {
    let id = rustix::process::WaitId::PidFd(pidfd.as_fd());
    let _ = rustix::io::retry_on_intr(|| {
        rustix::process::waitid(id.clone(), rustix::process::WaitIdOptions::EXITED)
    });
}
