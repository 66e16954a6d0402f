//! The system calls that rustix does not wrap, or wraps only for use with a C library.
//!
//! - processes: [`execve`], [`exit`], [`fork`], [`fork_beside`], [`kill`]
//! - rights: [`drop_from_bounding_set`], [`set_seccomp_filter`]
//! - signals: [`block_signals`], [`wait_for_signal`], [`child_signals`]
//! - descriptors and mounts: [`close_at_exec_from`], [`close_everything`], [`set_mount_attributes`]
//! - clocks: [`now_ns`], [`uptime_ms`]
//!
//! There is no C library in this program. Its start-up alone costs more than everything that
//! slipway-init does: it asks the processor for its caches, and under a hypervisor each such
//! question is an exit from the virtual machine. Sources: syscall(2) and each call's page.

use alloc::vec::Vec;
use core::ffi::{CStr, c_char};
use linux_raw_sys::general as raw;
use rustix::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use rustix::io::Errno;
use rustix::process::Pid;
use slipway_cradle::syscall::syscall;

/// `int execve(const char *pathname, char *const argv[], char *const envp[])`
///
/// Returns only if it was refused.
pub fn execve(path: &CStr, argv: &[&CStr], envp: &[&CStr]) -> Errno {
    let (argv, envp) = (null_terminated(argv), null_terminated(envp));
    let arguments = [
        path.as_ptr() as usize,
        argv.as_ptr() as usize,
        envp.as_ptr() as usize,
        0,
        0,
    ];
    // SAFETY: both arrays end in NULL and their strings outlive the call.
    match unsafe { syscall(raw::__NR_execve, arguments) } {
        Err(errno) => errno,
        // The kernel does not return from an `execve` that it has accepted.
        Ok(_) => Errno::IO,
    }
}

fn null_terminated(texts: &[&CStr]) -> Vec<*const c_char> {
    let pointers = texts.iter().map(|text| text.as_ptr());
    pointers.chain([core::ptr::null()]).collect()
}

/// `void exit_group(int status)`
pub fn exit(status: i32) -> ! {
    loop {
        // SAFETY: ends the process; nothing of ours is used afterwards.
        let _ = unsafe { syscall(raw::__NR_exit_group, [status as usize, 0, 0, 0, 0]) };
    }
}

/// `long clone3(struct clone_args *cl_args, size_t size)` with `CLONE_PARENT` and `flags`: true in
/// the child, which is our parent's child and not ours.
pub fn fork_beside(flags: u64) -> Result<bool, Errno> {
    // SAFETY: zero is a valid value of every field of this plain structure.
    let mut args: raw::clone_args = unsafe { core::mem::zeroed() };
    args.flags = u64::from(raw::CLONE_PARENT) | flags;
    let arguments = [&raw const args as usize, size_of_val(&args), 0, 0, 0];
    // SAFETY: without CLONE_VM this is a fork: the child has a copy of our memory and stack, and
    // there is no other thread whose locks it could have copied in a locked state.
    unsafe { syscall(raw::__NR_clone3, arguments) }.map(|pid| pid == 0)
}

/// `pid_t fork(void)`: nothing in the child, the child's pid in the parent.
///
/// By the older call: a filter cannot look into the arguments of `clone3`, and so refuses it.
pub fn fork() -> Result<Option<Pid>, Errno> {
    let arguments = [raw::SIGCHLD as usize, 0, 0, 0, 0];
    // SAFETY: as in `fork_beside`.
    unsafe { syscall(raw::__NR_clone, arguments) }.map(|pid| Pid::from_raw(pid as i32))
}

/// `int kill(pid_t pid, int sig)`, for the signals that have no names, too.
pub fn kill(pid: Pid, signal: i32) -> Result<(), Errno> {
    let arguments = [pid.as_raw_pid() as usize, signal as usize, 0, 0, 0];
    // SAFETY: reads two numbers.
    unsafe { syscall(raw::__NR_kill, arguments) }.map(drop)
}

/// `int prctl(PR_CAPBSET_DROP, unsigned long cap)`; EINVAL: the kernel does not know that number.
pub fn drop_from_bounding_set(capability: u32) -> Result<(), Errno> {
    const PR_CAPBSET_DROP: usize = 24;
    let arguments = [PR_CAPBSET_DROP, capability as usize, 0, 0, 0];
    // SAFETY: reads two numbers.
    unsafe { syscall(raw::__NR_prctl, arguments) }.map(drop)
}

/// `int seccomp(SECCOMP_SET_MODE_FILTER, unsigned int flags, struct sock_fprog *args)`
pub fn set_seccomp_filter(filter: &[u64], flags: u32) -> Result<(), Errno> {
    const SECCOMP_SET_MODE_FILTER: usize = 1;
    #[repr(C)]
    struct Program {
        length: u16,
        filter: *const u64,
    }
    let program = Program {
        length: u16::try_from(filter.len()).map_err(|_| Errno::INVAL)?,
        filter: filter.as_ptr(),
    };
    let arguments = [
        SECCOMP_SET_MODE_FILTER,
        flags as usize,
        &raw const program as usize,
        0,
        0,
    ];
    // SAFETY: an instruction has eight bytes; the kernel copies as many as the length says.
    unsafe { syscall(raw::__NR_seccomp, arguments) }.map(drop)
}

/// `int mount_setattr(int dirfd, "", AT_EMPTY_PATH [| AT_RECURSIVE], {.attr_set}, size)`
pub fn set_mount_attributes(
    mount: BorrowedFd<'_>,
    attributes: u64,
    recursive: bool,
) -> Result<(), Errno> {
    let attr = raw::mount_attr {
        attr_set: attributes,
        attr_clr: 0,
        propagation: 0,
        userns_fd: 0,
    };
    let below = if recursive { raw::AT_RECURSIVE } else { 0 };
    let arguments = [
        mount.as_raw_fd() as usize,
        c"".as_ptr() as usize,
        (raw::AT_EMPTY_PATH | below) as usize,
        &raw const attr as usize,
        size_of_val(&attr),
    ];
    // SAFETY: the path ends in NUL, the structure has the kernel's layout; both outlive the call.
    unsafe { syscall(raw::__NR_mount_setattr, arguments) }.map(drop)
}

/// `int close_range(unsigned int first, ~0U, CLOSE_RANGE_CLOEXEC)`: every descriptor from `first`
/// on is closed by a successful `execve`, and stays open if it is refused.
pub fn close_at_exec_from(first: u32) -> Result<(), Errno> {
    const CLOSE_RANGE_CLOEXEC: usize = 1 << 2;
    let arguments = [first as usize, u32::MAX as usize, CLOSE_RANGE_CLOEXEC, 0, 0];
    // SAFETY: marks descriptors, by number; none of our values is closed by it.
    unsafe { syscall(raw::__NR_close_range, arguments) }.map(drop)
}

/// `int close_range(0, ~0U, 0)`
///
/// # Safety
/// No descriptor is used afterwards.
pub unsafe fn close_everything() {
    // SAFETY: the caller's promise. It cannot fail: the range is right.
    let _ = unsafe { syscall(raw::__NR_close_range, [0, u32::MAX as usize, 0, 0, 0]) };
}

/// `int rt_sigprocmask(SIG_SETMASK, const sigset_t *set, NULL, size_t sigsetsize)`: every signal
/// waits, or none does.
pub fn block_signals(block: bool) {
    let set = if block { u64::MAX } else { 0 };
    let arguments = [
        raw::SIG_SETMASK as usize,
        &raw const set as usize,
        0,
        SET_SIZE,
        0,
    ];
    // SAFETY: the kernel only reads the set. It cannot fail: the set and its size are right.
    let _ = unsafe { syscall(raw::__NR_rt_sigprocmask, arguments) };
}

/// `int rt_sigtimedwait(const sigset_t *set, NULL, NULL, size_t sigsetsize)`: the next of all
/// signals, which are blocked; 0 if a stop and a continue came between.
pub fn wait_for_signal() -> i32 {
    let set = u64::MAX;
    let arguments = [&raw const set as usize, 0, 0, SET_SIZE, 0];
    // SAFETY: the kernel only reads the set.
    unsafe { syscall(raw::__NR_rt_sigtimedwait, arguments) }.unwrap_or(0) as i32
}

/// Bytes in the kernel's set of signals.
const SET_SIZE: usize = 8;

/// `int signalfd(-1, const sigset_t *mask, SFD_CLOEXEC | SFD_NONBLOCK)` for SIGCHLD, which is
/// blocked.
pub fn child_signals() -> Result<OwnedFd, Errno> {
    let set = 1u64 << (raw::SIGCHLD - 1);
    let flags = raw::O_CLOEXEC | raw::O_NONBLOCK;
    let arguments = [
        usize::MAX,
        &raw const set as usize,
        SET_SIZE,
        flags as usize,
        0,
    ];
    // SAFETY: the kernel only reads the set.
    let descriptor = unsafe { syscall(raw::__NR_signalfd4, arguments) }?;
    // SAFETY: the kernel has just given us this descriptor.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor as i32) })
}

/// `int clock_gettime(CLOCK_REALTIME, struct timespec *tp)`, in nanoseconds.
///
/// The one clock that no time namespace shifts: it goes on evenly when a step moves us into one.
pub fn now_ns() -> u64 {
    clock_ns(raw::CLOCK_REALTIME)
}

/// `int clock_gettime(CLOCK_MONOTONIC, struct timespec *tp)`, in milliseconds: nobody sets it.
pub fn uptime_ms() -> u64 {
    clock_ns(raw::CLOCK_MONOTONIC) / 1_000_000
}

fn clock_ns(clock: u32) -> u64 {
    let mut now = raw::__kernel_timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    let arguments = [clock as usize, &raw mut now as usize, 0, 0, 0];
    // SAFETY: the kernel fills the structure. It cannot fail: these clocks are always there.
    let _ = unsafe { syscall(raw::__NR_clock_gettime, arguments) };
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}
