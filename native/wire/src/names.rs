//! Names that the kernel has numbers for, as they stand in a program.
//!
//! - [`Namespace`], [`Propagation`], [`MountFlag`], [`Owner`]: of mounts, nodes and namespaces
//! - [`Capability`], [`Resource`], [`SeccompFlag`]: of what a process may do and use

use serde::Deserialize;

/// The kinds of namespace, by the names that DESIGN and `/proc/PID/ns` use (`mount` is `mnt`).
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Namespace {
    Cgroup,
    Ipc,
    Mount,
    Net,
    Pid,
    Time,
    User,
    Uts,
}

/// How a mount passes on what is mounted below it (`mount_namespaces(7)`).
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Propagation {
    Private,
    Slave,
    Shared,
    Unbindable,
}

/// The per-mount flags of `mount(2)`, by their option names in `mount(8)`.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MountFlag {
    Nosuid,
    Nodev,
    Noexec,
    #[serde(rename = "ro")]
    ReadOnly,
    Noatime,
    Relatime,
    Strictatime,
    Bind,
    Rec,
    Remount,
}

/// Of a device node.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Owner {
    pub uid: u32,
    pub gid: u32,
}

/// The rights of root, one by one, in the order of their numbers (`capabilities(7)`).
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[repr(u8)]
pub enum Capability {
    CapChown,
    CapDacOverride,
    CapDacReadSearch,
    CapFowner,
    CapFsetid,
    CapKill,
    CapSetgid,
    CapSetuid,
    CapSetpcap,
    CapLinuxImmutable,
    CapNetBindService,
    CapNetBroadcast,
    CapNetAdmin,
    CapNetRaw,
    CapIpcLock,
    CapIpcOwner,
    CapSysModule,
    CapSysRawio,
    CapSysChroot,
    CapSysPtrace,
    CapSysPacct,
    CapSysAdmin,
    CapSysBoot,
    CapSysNice,
    CapSysResource,
    CapSysTime,
    CapSysTtyConfig,
    CapMknod,
    CapLease,
    CapAuditWrite,
    CapAuditControl,
    CapSetfcap,
    CapMacOverride,
    CapMacAdmin,
    CapSyslog,
    CapWakeAlarm,
    CapBlockSuspend,
    CapAuditRead,
    CapPerfmon,
    CapBpf,
    CapCheckpointRestore,
}

/// What `setrlimit(2)` limits, by the ends of the constants' names.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Resource {
    As,
    Core,
    Cpu,
    Data,
    Fsize,
    Locks,
    Memlock,
    Msgqueue,
    Nice,
    Nofile,
    Nproc,
    Rss,
    Rtprio,
    Rttime,
    Sigpending,
    Stack,
}

/// `SECCOMP_FILTER_FLAG_*`
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SeccompFlag {
    Log,
    SpecAllow,
    Tsync,
}
