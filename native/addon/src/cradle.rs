//! The child between `clone3` and slipway-init: in the parent's memory, on a stack of its own.
//!
//! - [`Cradle`]: what parent and child share as long as the child borrows our memory
//! - [`child`]: raw system calls and nothing else: no allocation, no lock, no way back
//!
//! It enters its control groups, puts the descriptors at their numbers, forgets which signals Node
//! ignores, holds on to its rights, and executes the init. What fails is left in the cradle.
//! Sources: clone(2), vfork(2), capabilities(7).

use libc::c_void;
use rustix::fd::RawFd;
use slipway_wire::FIRST_DESCRIPTOR;
use std::ffi::c_char;

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
    pub moves: *const Move,
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
            let group = *cradle.groups.add(index);
            if libc::write(group, c"0".as_ptr().cast(), 1) == -1 {
                give_up(cradle, Call::EnterGroup);
            }
        }
        if cradle.unshares_cgroup && libc::unshare(libc::CLONE_NEWCGROUP) == -1 {
            give_up(cradle, Call::UnshareCgroup);
        }
        // First out of the way, then to their numbers: a source may sit on another's target.
        let clear = FIRST_DESCRIPTOR + cradle.move_count as RawFd;
        for index in 0..cradle.move_count {
            let place = &*cradle.moves.add(index);
            let moved = libc::fcntl(place.from, libc::F_DUPFD_CLOEXEC, clear);
            if moved == -1 {
                give_up(cradle, Call::MoveAway);
            }
            if libc::syscall(libc::SYS_dup3, moved, place.to, 0) == -1 && moved != place.to {
                give_up(cradle, Call::MoveTo);
            }
        }
        for index in 0..cradle.ignored_count {
            default_signal(*cradle.ignored.add(index));
        }
        if cradle.keeps_rights && !keep_rights() {
            give_up(cradle, Call::KeepRights);
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
    // SAFETY: both structures have the kernel's layout and live on this stack.
    unsafe {
        if libc::syscall(libc::SYS_capget, &mut header, &mut sets) == -1 {
            return false;
        }
        for set in &mut sets {
            set[2] = set[1];
        }
        if libc::syscall(libc::SYS_capset, &mut header, &sets) == -1 {
            return false;
        }
        for capability in 0..64 {
            let raise = libc::PR_CAP_AMBIENT_RAISE;
            if libc::syscall(
                libc::SYS_prctl,
                libc::PR_CAP_AMBIENT,
                raise,
                capability,
                0,
                0,
            ) == -1
            {
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
    // SAFETY: the kernel only reads the structure. It cannot fail: the signal was ignored.
    unsafe {
        libc::syscall(
            libc::SYS_rt_sigaction,
            signal,
            action.as_ptr(),
            std::ptr::null::<c_void>(),
            size_of::<u64>(),
        )
    };
}

/// # Safety
/// Called by [`child`] alone, with its cradle.
unsafe fn execute_init(cradle: &mut Cradle, clear: RawFd) -> ! {
    // SAFETY: raw system calls on numbers and constants.
    unsafe {
        // What Node itself inherited without close-on-exec must not reach a container.
        libc::syscall(
            libc::SYS_close_range,
            clear,
            u32::MAX,
            libc::CLOSE_RANGE_CLOEXEC,
        );
        let argv = [c"slipway-init".as_ptr(), std::ptr::null()];
        libc::syscall(
            libc::SYS_execveat,
            cradle.init,
            c"".as_ptr(),
            argv.as_ptr(),
            cradle.environment,
            libc::AT_EMPTY_PATH,
        );
        give_up(cradle, Call::Execute)
    }
}

/// # Safety
/// Called by [`child`] alone, right after the call that failed.
unsafe fn give_up(cradle: &mut Cradle, call: Call) -> ! {
    // SAFETY: errno is this thread's, borrowed with the rest of the parent's memory.
    unsafe {
        cradle.errno = *libc::__errno_location();
        cradle.failed_call = Some(call);
        libc::_exit(127)
    }
}
