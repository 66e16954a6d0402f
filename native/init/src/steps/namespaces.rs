//! Into other namespaces: new ones (`unshare`, `clone3`) and those of another process (`setns`).
//!
//! A PID namespace and a time namespace take in only the *children* of the process that unshares
//! or joins them; that is what the step `fork` is for. Sources: namespaces(7), clone(2), setns(2),
//! time_namespaces(7).

use super::identity::follow_parent_to_death;
use crate::{Context, kernel, refusal::Refusal};
use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use linux_raw_sys::general as raw;
use rustix::fs::{Mode, OFlags};
use rustix::process::{PidfdFlags, getpid, pidfd_open};
use rustix::thread::{ThreadNameSpaceType, UnshareFlags, move_into_thread_name_spaces};
use slipway_wire::{Namespace, Report};

/// `int unshare(int flags)`
pub fn unshare(namespaces: &[Namespace]) -> Result<(), Refusal> {
    let flags = UnshareFlags::from_bits_retain(flags_of(namespaces));
    // SAFETY: the unsafety of `unshare` is CLONE_FILES, which splits the table of descriptors
    // between threads; no kind of namespace sets it, and this process has one thread.
    unsafe { rustix::thread::unshare_unsafe(flags) }
        .map_err(Refusal::of("unshare", names_of(namespaces)))
}

/// `int setns(int fd, int nstype)`: with a pidfd all the named namespaces move in one call.
pub fn setns(context: &Context, descriptor: u32, namespaces: &[Namespace]) -> Result<(), Refusal> {
    let fd = context.descriptor(descriptor);
    let kinds = ThreadNameSpaceType::from_bits_retain(flags_of(namespaces));
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
    let file = rustix::fs::open(path, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())
        .map_err(Refusal::of("open", format!("{path:?}, O_WRONLY")))?;
    rustix::io::write(&file, text.as_bytes())
        .map(drop)
        .map_err(Refusal::of("write", format!("{path:?}, {text:?}")))
}

/// `long clone3(struct clone_args *cl_args, size_t size)`
///
/// The child goes on with the program. `CLONE_PARENT` makes it our parent's child, so that the
/// parent can wait for it; we leave. The child hands up its own pidfd.
pub fn fork(context: &Context, namespaces: &[Namespace]) -> Result<(), Refusal> {
    let shown = match namespaces {
        [] => "CLONE_PARENT".to_owned(),
        some => format!("CLONE_PARENT|{}", names_of(some)),
    };
    let is_child =
        kernel::fork_beside(flags_of(namespaces).into()).map_err(Refusal::of("clone3", shown))?;
    if !is_child {
        // The child owns the rest of the program now.
        kernel::exit(0)
    }
    let own =
        pidfd_open(getpid(), PidfdFlags::empty()).map_err(Refusal::of("pidfd_open", "own pid"))?;
    context
        .channel
        .hand_over(&Report::Forked { step: context.step }, own);
    // The wish to die with the parent is not inherited by a child.
    follow_parent_to_death(context)
}

fn flag_of(namespace: Namespace) -> (u32, &'static str) {
    match namespace {
        Namespace::Cgroup => (raw::CLONE_NEWCGROUP, "CLONE_NEWCGROUP"),
        Namespace::Ipc => (raw::CLONE_NEWIPC, "CLONE_NEWIPC"),
        Namespace::Mount => (raw::CLONE_NEWNS, "CLONE_NEWNS"),
        Namespace::Net => (raw::CLONE_NEWNET, "CLONE_NEWNET"),
        Namespace::Pid => (raw::CLONE_NEWPID, "CLONE_NEWPID"),
        Namespace::Time => (raw::CLONE_NEWTIME, "CLONE_NEWTIME"),
        Namespace::User => (raw::CLONE_NEWUSER, "CLONE_NEWUSER"),
        Namespace::Uts => (raw::CLONE_NEWUTS, "CLONE_NEWUTS"),
    }
}

fn flags_of(namespaces: &[Namespace]) -> u32 {
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
