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

use crate::groups::{Group, open_groups};
use crate::{clone::vfork_into, refusal, refused};
use libc::c_void;
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
    /// Three descriptors for 0, 1 and 2.
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
    let mut moves: Vec<Move> = request
        .stdio
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

/// One descriptor on its way to its number in the child.
#[repr(C)]
struct Move {
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
struct Cradle {
    init: RawFd,
    environment: *const *const c_char,
    ignored: *const i32,
    ignored_count: usize,
    groups: *const RawFd,
    group_count: usize,
    /// Make the cgroup namespace, in the groups that were just entered.
    unshares_cgroup: bool,
    moves: *const Move,
    move_count: usize,
    /// In a new user namespace: hold on to its rights across `execveat` (see `keep_rights`).
    keeps_rights: bool,
    /// Set by the child's first instruction: a child that was killed at birth leaves it false.
    alive: bool,
    /// The call that failed, and its errno.
    failed_call: Option<Call>,
    errno: i32,
}

/// The child's calls, by what is said when one of them fails.
#[derive(Clone, Copy)]
enum Call {
    EnterGroup,
    UnshareCgroup,
    MoveAway,
    MoveTo,
    KeepRights,
    Execute,
}

impl Call {
    fn shown(self) -> (&'static str, &'static str) {
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

/// The child's first steps, in the parent's memory: raw system calls and nothing else.
unsafe extern "C" fn child(argument: *mut c_void) -> ! {
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
