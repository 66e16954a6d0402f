//! The child between `clone3` and slipway-init: in the parent's memory, on a stack of its own.
//!
//! - [`Cradle`]: what parent and child share as long as the child borrows our memory
//! - [`child`]: raw system calls and nothing else: no allocation, no lock, no way back
//!
//! It enters its control groups, puts the descriptors at their numbers, forgets which signals its
//! parent ignores, holds on to its rights, and executes the init. What fails is left in the cradle.
//! Sources: clone(2), vfork(2), capabilities(7).

use crate::syscall::syscall;
use core::ffi::{c_char, c_void};
use linux_raw_sys::general as raw;
use linux_raw_sys::prctl;
use rustix::fd::RawFd;
use rustix::io::Errno;
use slipway_wire::{FIRST_DESCRIPTOR, INIT_FAILED};

/// One descriptor on its way to its number in the child.
#[repr(C)]
pub struct Move {
    from: RawFd,
    to: RawFd,
}

impl From<(RawFd, RawFd)> for Move {
    fn from((from, to): (RawFd, RawFd)) -> Self {
        Self { from, to }
    }
}

/// What parent and child share while the child borrows our memory.
#[repr(C)]
pub struct Cradle {
    pub init: RawFd,
    pub environment: *const *const c_char,
    pub ignored: *const i32,
    pub ignored_count: usize,
    pub groups: *const RawFd,
    pub group_count: usize,
    /// Make the cgroup namespace, in the groups that were just entered.
    pub unshares_cgroup: bool,
    pub moves: *mut Move,
    pub move_count: usize,
    /// In a new user namespace: hold on to its rights across `execveat` (see `keep_rights`).
    pub keeps_rights: bool,
    /// Set by the child's first instruction: a child that was killed at birth leaves it false.
    pub alive: bool,
    /// The call that failed, and its errno.
    pub failed_call: Option<Call>,
    pub errno: i32,
}

/// The child's calls, by what is said when one of them fails.
#[derive(Clone, Copy)]
pub enum Call {
    EnterGroup,
    UnshareCgroup,
    MoveAway,
    Stay,
    MoveTo,
    KeepRights,
    Execute,
}

impl Call {
    pub fn shown(self) -> (&'static str, &'static str) {
        match self {
            Self::EnterGroup => ("write", "the group's tasks or cgroup.procs, \"0\""),
            Self::UnshareCgroup => ("unshare", "CLONE_NEWCGROUP"),
            Self::MoveAway => ("fcntl", "F_DUPFD_CLOEXEC"),
            Self::Stay => ("fcntl", "F_SETFD, 0"),
            Self::MoveTo => ("dup3", "a descriptor of the request"),
            Self::KeepRights => ("prctl", "PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE"),
            Self::Execute => ("execveat", "slipway-init, AT_EMPTY_PATH"),
        }
    }
}

/// The child's first steps, in the parent's memory: raw system calls and nothing else.
pub unsafe extern "C" fn child(argument: *mut c_void) -> ! {
    // SAFETY: `try_birth` passes a cradle whose arrays hold what their counts say; the descriptors
    // are numbers; the strings are constants; every path ends in `execveat` or `_exit`.
    unsafe {
        let cradle = &mut *argument.cast::<Cradle>();
        cradle.alive = true;
        for index in 0..cradle.group_count {
            let zero = [
                *cradle.groups.add(index) as usize,
                c"0".as_ptr() as usize,
                1,
                0,
                0,
            ];
            attempt(cradle, Call::EnterGroup, raw::__NR_write, zero);
        }
        if cradle.unshares_cgroup {
            let flags = [raw::CLONE_NEWCGROUP as usize, 0, 0, 0, 0];
            attempt(cradle, Call::UnshareCgroup, raw::__NR_unshare, flags);
        }
        // First out of the way, then to their numbers: a source may sit on another's target, and so
        // may the init.
        let clear = FIRST_DESCRIPTOR as usize + cradle.move_count;
        if (cradle.init as usize) < clear {
            let arguments = [
                cradle.init as usize,
                raw::F_DUPFD_CLOEXEC as usize,
                clear,
                0,
                0,
            ];
            cradle.init = attempt(cradle, Call::MoveAway, raw::__NR_fcntl, arguments) as RawFd;
        }
        for index in 0..cradle.move_count {
            let place = &mut *cradle.moves.add(index);
            if place.from != place.to && (place.from as usize) < clear {
                let dup = raw::F_DUPFD_CLOEXEC as usize;
                let away = [place.from as usize, dup, clear, 0, 0];
                place.from = attempt(cradle, Call::MoveAway, raw::__NR_fcntl, away) as RawFd;
            }
        }
        for index in 0..cradle.move_count {
            let place = &*cradle.moves.add(index);
            if place.from == place.to {
                let stay = [place.from as usize, raw::F_SETFD as usize, 0, 0, 0];
                attempt(cradle, Call::Stay, raw::__NR_fcntl, stay);
            } else {
                let to = [place.from as usize, place.to as usize, 0, 0, 0];
                attempt(cradle, Call::MoveTo, raw::__NR_dup3, to);
            }
        }
        for index in 0..cradle.ignored_count {
            default_signal(*cradle.ignored.add(index));
        }
        if cradle.keeps_rights && !keep_rights() {
            give_up(cradle, Call::KeepRights, Errno::PERM);
        }
        execute_init(cradle, clear)
    }
}

/// `int capset(cap_user_header_t hdrp, const cap_user_data_t datap)`, then
/// `int prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0)` for each capability.
///
/// The first process of a user namespace has every right in it, but no uid that anybody knows;
/// `execve` by such a "nobody" would drop all of them before the maps can be written. Ambient
/// capabilities survive it; slipway-init's first act is to clear them.
///
/// # Safety
/// Called by [`child`] alone.
unsafe fn keep_rights() -> bool {
    const VERSION_3: u32 = 0x2008_0522;
    #[repr(C)]
    struct Header {
        version: u32,
        pid: i32,
    }
    let mut header = Header {
        version: VERSION_3,
        pid: 0,
    };
    // Effective, permitted, inheritable; first the lower 32 capabilities, then the upper.
    let mut sets = [[0u32; 3]; 2];
    let structures = [&raw mut header as usize, &raw mut sets as usize, 0, 0, 0];
    // SAFETY: both structures have the kernel's layout and live on this stack.
    unsafe {
        if syscall(raw::__NR_capget, structures).is_err() {
            return false;
        }
        for set in &mut sets {
            set[2] = set[1];
        }
        if syscall(raw::__NR_capset, structures).is_err() {
            return false;
        }
        for capability in 0..64 {
            let raise = prctl::PR_CAP_AMBIENT_RAISE as usize;
            let arguments = [prctl::PR_CAP_AMBIENT as usize, raise, capability, 0, 0];
            if syscall(raw::__NR_prctl, arguments).is_err() {
                // The first number that the kernel does not know ends the list.
                return capability > 0;
            }
        }
    }
    true
}

/// `int rt_sigaction(int signum, const struct sigaction *act, NULL, size_t sigsetsize)`, `SIG_DFL`.
///
/// # Safety
/// Called by [`child`] alone, whose signals are its own.
unsafe fn default_signal(signal: i32) {
    // Zero in every field of the kernel's structure is SIG_DFL with an empty mask.
    let action = [0u64; 4];
    let arguments = [
        signal as usize,
        action.as_ptr() as usize,
        0,
        size_of::<u64>(),
        0,
    ];
    // SAFETY: the kernel only reads the structure. It cannot fail: the signal was ignored.
    let _ = unsafe { syscall(raw::__NR_rt_sigaction, arguments) };
}

/// What the parent has open is closed here and not by `execveat`: that lets the parent go on before
/// it closes anything, and a port that the parent has just given back would still be taken by us.
/// What the parent has without close-on-exec does not reach a container, either.
///
/// # Safety
/// Called by [`child`] alone, with its cradle; nothing from `clear` on is needed but the init.
unsafe fn execute_init(cradle: &mut Cradle, clear: usize) -> ! {
    let argv = [c"slipway-init".as_ptr(), core::ptr::null()];
    let place = [cradle.init as usize, clear, raw::O_CLOEXEC as usize, 0, 0];
    let rest = [clear + 1, u32::MAX as usize, 0, 0, 0];
    let init = [
        clear,
        c"".as_ptr() as usize,
        argv.as_ptr() as usize,
        cradle.environment as usize,
        raw::AT_EMPTY_PATH as usize,
    ];
    // SAFETY: raw system calls on numbers and constants.
    unsafe {
        if cradle.init as usize != clear {
            attempt(cradle, Call::MoveTo, raw::__NR_dup3, place);
        }
        let _ = syscall(raw::__NR_close_range, rest);
        match syscall(raw::__NR_execveat, init) {
            Err(errno) => give_up(cradle, Call::Execute, errno),
            // The kernel does not return from an `execveat` that it has accepted.
            Ok(_) => give_up(cradle, Call::Execute, Errno::IO),
        }
    }
}

/// The result of a call that has to succeed.
///
/// # Safety
/// Called by [`child`] alone; as unsafe as the call that `number` names.
unsafe fn attempt(cradle: &mut Cradle, call: Call, number: u32, arguments: [usize; 5]) -> usize {
    // SAFETY: the caller's promise.
    match unsafe { syscall(number, arguments) } {
        Ok(result) => result,
        // SAFETY: the caller's promise.
        Err(errno) => unsafe { give_up(cradle, call, errno) },
    }
}

/// # Safety
/// Called by [`child`] alone, right after the call that failed.
unsafe fn give_up(cradle: &mut Cradle, call: Call, errno: Errno) -> ! {
    cradle.errno = errno.raw_os_error();
    cradle.failed_call = Some(call);
    loop {
        // SAFETY: ends the child; the parent's memory is the parent's again.
        let _ = unsafe { syscall(raw::__NR_exit_group, [INIT_FAILED as usize, 0, 0, 0, 0]) };
    }
}
