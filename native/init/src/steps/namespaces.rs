//! Into other namespaces: new ones (`unshare`, `clone3`) and those of another process (`setns`).
//!
//! A PID namespace and a time namespace take in only the *children* of the process that unshares
//! or joins them; that is what the step `fork` is for. Sources: namespaces(7), clone(2), setns(2),
//! time_namespaces(7).

use super::identity::follow_parent_to_death;
use crate::{
    Context,
    refusal::{Refusal, last_errno},
};
use rustix::process::{PidfdFlags, getpid, pidfd_open};
use rustix::thread::{ThreadNameSpaceType, UnshareFlags, move_into_thread_name_spaces};
use slipway_wire::{Namespace, Report};

/// `int unshare(int flags)`
pub fn unshare(namespaces: &[Namespace]) -> Result<(), Refusal> {
    let flags = UnshareFlags::from_bits_retain(flags_of(namespaces) as u32);
    // SAFETY: the unsafety of `unshare` is CLONE_FILES, which splits the table of descriptors
    // between threads; no kind of namespace sets it, and this process has one thread.
    unsafe { rustix::thread::unshare_unsafe(flags) }
        .map_err(Refusal::of("unshare", names_of(namespaces)))
}

/// `int setns(int fd, int nstype)`: with a pidfd all the named namespaces move in one call.
pub fn setns(context: &Context, descriptor: u32, namespaces: &[Namespace]) -> Result<(), Refusal> {
    let fd = context.descriptor(descriptor);
    let kinds = ThreadNameSpaceType::from_bits_retain(flags_of(namespaces) as u32);
    move_into_thread_name_spaces(fd, kinds).map_err(Refusal::of(
        "setns",
        format!("descriptor {descriptor}, {}", names_of(namespaces)),
    ))
}

/// `ssize_t write(int fd, const void *buf, size_t count)` to `/proc/self/timens_offsets`.
///
/// The file belongs to the namespace that our *children* will be in, and it closes for ever when
/// the first of them is born.
pub fn set_time_offsets(monotonic_seconds: i64, boottime_seconds: i64) -> Result<(), Refusal> {
    let path = "/proc/self/timens_offsets";
    let text = format!("monotonic {monotonic_seconds} 0\nboottime {boottime_seconds} 0\n");
    std::fs::write(path, &text).map_err(|error| {
        let errno = rustix::io::Errno::from_io_error(&error).unwrap_or(rustix::io::Errno::IO);
        Refusal::of("write", format!("{path:?}, {text:?}"))(errno)
    })
}

/// `long syscall(SYS_clone3, struct clone_args *cl_args, size_t size)`
///
/// The child goes on with the program. `CLONE_PARENT` makes it our parent's child, so that the
/// parent can wait for it; we leave. The child hands up its own pidfd.
pub fn fork(context: &Context, namespaces: &[Namespace]) -> Result<(), Refusal> {
    // SAFETY: zero is a valid value of every field of this plain structure.
    let mut args: libc::clone_args = unsafe { std::mem::zeroed() };
    args.flags = libc::CLONE_PARENT as u64 | flags_of(namespaces);
    let shown = match namespaces {
        [] => "CLONE_PARENT".to_owned(),
        some => format!("CLONE_PARENT|{}", names_of(some)),
    };
    // SAFETY: without CLONE_VM this is a fork: the child has a copy of our memory and stack, and
    // there is no other thread whose locks it could have copied in a locked state.
    match unsafe { libc::syscall(libc::SYS_clone3, &args, size_of_val(&args)) } {
        -1 => Err(Refusal::of("clone3", shown)(last_errno())),
        0 => {
            let own = pidfd_open(getpid(), PidfdFlags::empty())
                .map_err(Refusal::of("pidfd_open", "own pid"))?;
            context
                .channel
                .hand_over(&Report::Forked { step: context.step }, own);
            // The wish to die with the parent is not inherited by a child.
            follow_parent_to_death(context)
        }
        // SAFETY: `_exit` never returns; the child owns the rest of the program now.
        _ => unsafe { libc::_exit(0) },
    }
}

fn flag_of(namespace: Namespace) -> (u64, &'static str) {
    match namespace {
        Namespace::Cgroup => (libc::CLONE_NEWCGROUP as u64, "CLONE_NEWCGROUP"),
        Namespace::Ipc => (libc::CLONE_NEWIPC as u64, "CLONE_NEWIPC"),
        Namespace::Mount => (libc::CLONE_NEWNS as u64, "CLONE_NEWNS"),
        Namespace::Net => (libc::CLONE_NEWNET as u64, "CLONE_NEWNET"),
        Namespace::Pid => (libc::CLONE_NEWPID as u64, "CLONE_NEWPID"),
        Namespace::Time => (0x80, "CLONE_NEWTIME"),
        Namespace::User => (libc::CLONE_NEWUSER as u64, "CLONE_NEWUSER"),
        Namespace::Uts => (libc::CLONE_NEWUTS as u64, "CLONE_NEWUTS"),
    }
}

fn flags_of(namespaces: &[Namespace]) -> u64 {
    namespaces
        .iter()
        .fold(0, |flags, namespace| flags | flag_of(*namespace).0)
}

fn names_of(namespaces: &[Namespace]) -> String {
    let names: Vec<_> = namespaces
        .iter()
        .map(|namespace| flag_of(*namespace).1)
        .collect();
    if names.is_empty() {
        "0".to_owned()
    } else {
        names.join("|")
    }
}
