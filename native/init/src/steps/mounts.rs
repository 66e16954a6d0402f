//! Mounts inside our own mount namespace. Sources: mount(2), mount_namespaces(7), proc(5).

use crate::refusal::Refusal;
use rustix::io::Errno;
use rustix::mount::{MountFlags, MountPropagationFlags};
use slipway_wire::{MountFlag, Propagation};
use std::ffi::CString;

/// The `f_type` that statfs(2) answers for proc, and for nothing else.
const PROC_SUPER_MAGIC: i64 = 0x9fa0;

/// `int mount(NULL, const char *target, NULL, MS_PRIVATE | MS_REC, NULL)`
///
/// A new mount namespace is a copy whose mounts are peers of the originals: until they are made
/// private, what is mounted here appears on the host.
pub fn set_propagation(
    target: &str,
    propagation: Propagation,
    recursive: bool,
) -> Result<(), Refusal> {
    let (mut flags, mut shown) = match propagation {
        Propagation::Private => (MountPropagationFlags::PRIVATE, "MS_PRIVATE".to_owned()),
        Propagation::Slave => (MountPropagationFlags::DOWNSTREAM, "MS_SLAVE".to_owned()),
        Propagation::Shared => (MountPropagationFlags::SHARED, "MS_SHARED".to_owned()),
        Propagation::Unbindable => (
            MountPropagationFlags::UNBINDABLE,
            "MS_UNBINDABLE".to_owned(),
        ),
    };
    if recursive {
        flags |= MountPropagationFlags::REC;
        shown += "|MS_REC";
    }
    rustix::mount::mount_change(target, flags).map_err(Refusal::of(
        "mount",
        format!("NULL, {target:?}, NULL, {shown}, NULL"),
    ))
}

/// `int mount(const char *source, const char *target, const char *filesystemtype,
/// unsigned long mountflags, const void *data)`
pub fn mount(
    source: &str,
    target: &str,
    fs_type: &str,
    flags: &[MountFlag],
    data: &str,
) -> Result<(), Refusal> {
    let bits = flags
        .iter()
        .fold(MountFlags::empty(), |bits, flag| bits | flag_of(*flag).0);
    let names: Vec<_> = flags.iter().map(|flag| flag_of(*flag).1).collect();
    let names = if names.is_empty() {
        "0".to_owned()
    } else {
        names.join("|")
    };
    let shown = format!("{source:?}, {target:?}, {fs_type:?}, {names}, {data:?}");
    let options = match data {
        "" => None,
        text => Some(CString::new(text).map_err(|_| Refusal::of("mount", &*shown)(Errno::INVAL))?),
    };
    rustix::mount::mount(source, target, fs_type, bits, options.as_deref())
        .map_err(Refusal::of("mount", shown))
}

/// `int mount("proc", target, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL)`, then `statfs(2)`.
///
/// Later steps and the application write below `/proc`; a path that only looks like one could
/// lead those writes anywhere, so what is there afterwards is asked for its type.
pub fn mount_proc(target: &str) -> Result<(), Refusal> {
    mount(
        "proc",
        target,
        "proc",
        &[MountFlag::Nosuid, MountFlag::Nodev, MountFlag::Noexec],
        "",
    )?;
    let found = rustix::fs::statfs(target).map_err(Refusal::of("statfs", target))?;
    if found.f_type as i64 != PROC_SUPER_MAGIC {
        return Err(Refusal::of("statfs", format!("{target:?} is no proc"))(
            Errno::INVAL,
        ));
    }
    Ok(())
}

fn flag_of(flag: MountFlag) -> (MountFlags, &'static str) {
    match flag {
        MountFlag::Nosuid => (MountFlags::NOSUID, "MS_NOSUID"),
        MountFlag::Nodev => (MountFlags::NODEV, "MS_NODEV"),
        MountFlag::Noexec => (MountFlags::NOEXEC, "MS_NOEXEC"),
        MountFlag::ReadOnly => (MountFlags::RDONLY, "MS_RDONLY"),
        MountFlag::Noatime => (MountFlags::NOATIME, "MS_NOATIME"),
        MountFlag::Relatime => (MountFlags::RELATIME, "MS_RELATIME"),
        MountFlag::Bind => (MountFlags::BIND, "MS_BIND"),
        MountFlag::Rec => (MountFlags::REC, "MS_REC"),
        // rustix keeps MS_REMOUNT for a call of its own; the bit is the same for the kernel.
        MountFlag::Remount => (
            MountFlags::from_bits_retain(libc::MS_REMOUNT as u32),
            "MS_REMOUNT",
        ),
    }
}
