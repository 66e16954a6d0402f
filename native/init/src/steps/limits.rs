//! What this process may use, and some settings of its namespaces.
//!
//! - [`set_rlimit`], [`set_umask`], [`set_oom_score`]: of the process, inherited by its children
//! - [`set_sysctl`]: of a namespace, by a file below `/proc/sys`
//!
//! Sources: setrlimit(2), umask(2), proc_pid_oom_score_adj(5), proc_sys(5).

use crate::{Context, refusal::Refusal};
use alloc::format;
use alloc::string::ToString;
use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::process::Rlimit;
use slipway_wire::Resource;

/// `int setrlimit(int resource, const struct rlimit *rlim)`; -1 is RLIM_INFINITY.
pub fn set_rlimit(resource: Resource, soft: i64, hard: i64) -> Result<(), Refusal> {
    let limit = Rlimit {
        current: u64::try_from(soft).ok(),
        maximum: u64::try_from(hard).ok(),
    };
    rustix::process::setrlimit(resource_of(resource), limit).map_err(Refusal::of(
        "setrlimit",
        format!("RLIMIT_{resource:?}, {{{soft}, {hard}}}").to_uppercase(),
    ))
}

fn resource_of(resource: Resource) -> rustix::process::Resource {
    use rustix::process::Resource as Kernel;
    match resource {
        Resource::As => Kernel::As,
        Resource::Core => Kernel::Core,
        Resource::Cpu => Kernel::Cpu,
        Resource::Data => Kernel::Data,
        Resource::Fsize => Kernel::Fsize,
        Resource::Locks => Kernel::Locks,
        Resource::Memlock => Kernel::Memlock,
        Resource::Msgqueue => Kernel::Msgqueue,
        Resource::Nice => Kernel::Nice,
        Resource::Nofile => Kernel::Nofile,
        Resource::Nproc => Kernel::Nproc,
        Resource::Rss => Kernel::Rss,
        Resource::Rtprio => Kernel::Rtprio,
        Resource::Rttime => Kernel::Rttime,
        Resource::Sigpending => Kernel::Sigpending,
        Resource::Stack => Kernel::Stack,
    }
}

/// `mode_t umask(mode_t mask)`
pub fn set_umask(mask: u32) -> Result<(), Refusal> {
    rustix::process::umask(Mode::from_raw_mode(mask));
    Ok(())
}

/// `write(2)` to `/proc/self/oom_score_adj`.
///
/// To lower it takes CAP_SYS_RESOURCE. Who has not got that is killed somewhat earlier when memory
/// is short, and runs as well: that refusal is no reason not to start.
pub fn set_oom_score(score: i32) -> Result<(), Refusal> {
    const PATH: &str = "/proc/self/oom_score_adj";
    let flags = OFlags::WRONLY | OFlags::CLOEXEC;
    let file = rustix::fs::open(PATH, flags, Mode::empty())
        .map_err(Refusal::of("open", format!("{PATH:?}, O_WRONLY")))?;
    match write_once(&file, &score.to_string()) {
        Err(Errno::ACCESS | Errno::PERM) => Ok(()),
        done => done.map_err(Refusal::of("write", format!("{PATH:?}, \"{score}\""))),
    }
}

/// `write(2)` of `value` to `/proc/sys/<name>`, through the proc that a step before has mounted:
/// the network and IPC settings there are those of the process that opens them.
pub fn set_sysctl(context: &Context, name: &str, value: &str) -> Result<(), Refusal> {
    let path = format!("/proc/sys/{name}");
    let file = context
        .root
        .open_in_mounted_with(&path, OFlags::WRONLY)
        .map_err(Refusal::of("openat2", format!("{path:?}, O_WRONLY")))?;
    write_once(&file, value).map_err(Refusal::of("write", format!("{path:?}, {value:?}")))
}

/// A file of the kernel's takes its text in one piece.
fn write_once(file: &OwnedFd, text: &str) -> Result<(), Errno> {
    rustix::io::retry_on_intr(|| rustix::io::write(file, text.as_bytes())).map(drop)
}
