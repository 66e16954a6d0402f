//! The wire: what is spoken between the caller of `spawn` and slipway-init.
//!
//! A container is a program of system calls. The caller hands slipway-init the program, as JSON, in
//! place of an environment; slipway-init makes the calls in order and becomes the application.
//! The same grammar stands in TypeScript in `native/program/program.ts`; a test on either side
//! reads `native/wire/every-step.json`, which holds each step once, so the two cannot drift apart.
//!
//! What slipway-init finds at its birth:
//!
//! | where            | what it is                                                         |
//! |------------------|--------------------------------------------------------------------|
//! | environment      | the program, cut into strings of at most [`LONGEST_STRING`] bytes  |
//! | descriptor 0 - 2 | the application's standard streams                                 |
//! | descriptor 3     | the channel, one end of a `SOCK_SEQPACKET` pair, a message a packet |
//! | descriptor 4 + i | descriptor i of the request (mounts, namespaces, pidfds)           |
//!
//! `execve` copies the environment into init's own memory, so the program costs no system call, and
//! nobody can change it any more. Until init has become the application it can be read in
//! `/proc/PID/environ`, by those who could also trace the process.
//!
//! The handshake on the channel. Messages go up as JSON ([`Report`]); down goes one byte, [`GO`].
//!
//! | init says                | it carries       | then init                | the parent                   |
//! |--------------------------|------------------|--------------------------|------------------------------|
//! | `barrier {step, name}`   |                  | waits for GO             | does its part, answers GO    |
//! | `forked {step}`          | the child's pidfd | goes on as that child   | follows the pidfd from now on |
//! | `terminal {step}`        | the pty's master | goes on                  | keeps the master             |
//! | `executing {timingsNs}`  |                  | calls `execve`           | waits for the end of file    |
//! | (end of file)            |                  | is the application       | the start has succeeded      |
//! | `failed {step, …}`       |                  | exits with status 127    | throws, naming the step      |
//!
//! A program may end in `keep` instead of `exec`: then `executing` and the end of file mean that
//! the keeper listens. Its own protocol is drawn in [`keeper`].
//!
//! `failed` after `executing` means that `execve` itself was refused. An end of file without
//! `executing` means that init was killed. If the parent is gone, init's next message or wait
//! fails and it exits: a container whose keeper died before the start never runs.

#![cfg_attr(not(test), no_std)]

extern crate alloc;

pub mod keeper;
mod names;

pub use names::{Capability, MountFlag, Namespace, Owner, Propagation, Resource, SeccompFlag};

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// One string of an environment holds no more: the kernel's `MAX_ARG_STRLEN`, less the final NUL.
pub const LONGEST_STRING: usize = 32 * 4096 - 1;
/// Where slipway-init finds its end of the channel.
pub const CHANNEL_FD: i32 = 3;
/// Descriptor 0 of the request; descriptor i is this plus i.
pub const FIRST_DESCRIPTOR: i32 = 4;
/// The one byte that ends a wait at a barrier.
pub const GO: u8 = b'g';
/// The number of this grammar. A caller that speaks another one is refused before any step.
pub const VERSION: u32 = 1;
/// No report is longer: init cuts the texts that could be, and the parent reads into so much.
pub const LONGEST_REPORT: usize = 64 * 1024;
/// So many steps are timed in the report; who has more sees the first of them.
pub const MOST_TIMINGS: usize = 2048;
/// Init's own exit status when a step failed; the reason has gone up the channel before it.
pub const INIT_FAILED: i32 = 127;

/// A whole program.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Program {
    pub version: u32,
    /// Let the kernel send SIGKILL to this process when the thread that started it ends.
    pub die_with_parent: bool,
    pub steps: Vec<Step>,
}

/// One system call, or the shortest row of calls that means one thing.
#[derive(Debug, Deserialize)]
#[serde(
    tag = "call",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[serde(deny_unknown_fields)]
pub enum Step {
    /// Wait until the parent says go.
    Barrier { name: String },
    /// `unshare(2)` of this process.
    Unshare { namespaces: Vec<Namespace> },
    /// `setns(2)` into the namespaces of a pidfd, or into one namespace by its own descriptor.
    Setns {
        descriptor: u32,
        namespaces: Vec<Namespace>,
    },
    /// `write(2)` to `/proc/self/timens_offsets`, between `unshare` and the first child.
    SetTimeOffsets {
        monotonic_seconds: i64,
        boottime_seconds: i64,
    },
    /// `clone3(2)` with `CLONE_PARENT`: the child goes on with the program, this process ends.
    Fork { namespaces: Vec<Namespace> },
    /// `sethostname(2)`
    SetHostname { name: String },
    /// `setdomainname(2)`
    SetDomainname { name: String },
    /// `mount(2)` with nothing but a propagation flag.
    SetPropagation {
        target: String,
        propagation: Propagation,
        recursive: bool,
    },
    /// `mount(2)` of a new file system.
    Mount {
        source: String,
        target: String,
        #[serde(rename = "type")]
        fs_type: String,
        flags: Vec<MountFlag>,
        data: String,
    },
    /// `mount(2)` of proc, then `statfs(2)` to see that it is one.
    MountProc { target: String },
    /// `move_mount(2)` of descriptor `descriptor`, a mount that hangs nowhere yet; on "/" it
    /// becomes the root in which the paths of all later steps are resolved.
    Attach { descriptor: u32, target: String },
    /// `pivot_root(2)` into the attached root, and away with the old one.
    PivotRoot,
    /// `chroot(2)`, then `chdir(2)`.
    ChangeRoot { path: String },
    /// `mount_setattr(2)`: the root, and only it, read-only.
    MakeRootReadOnly,
    /// Hides each path that is there, for reading too.
    MaskPaths { paths: Vec<String> },
    /// Makes each path that is there read-only.
    ProtectPaths { paths: Vec<String> },
    /// `mknod(2)` of a character device, or a bind of the host's where that is not allowed.
    MakeDevice {
        path: String,
        major: u32,
        minor: u32,
        mode: u32,
        owner: Option<Owner>,
    },
    /// `symlink(2)`
    MakeLink { path: String, target: String },
    /// `mkdir(2)`, with the folders on the way; what is there stays.
    MakeFolder { path: String },
    /// `write(2)` below `/proc/sys`.
    SetSysctl { name: String, value: String },
    /// `write(2)` to `/proc/self/oom_score_adj`.
    SetOomScore { score: i32 },
    /// `setrlimit(2)`; -1 is no limit.
    SetRlimit {
        resource: Resource,
        soft: i64,
        hard: i64,
    },
    /// `umask(2)`
    SetUmask { mask: u32 },
    /// `fork(2)`: the child goes on, this process stays as PID 1 and reaps.
    StayAsInit,
    /// `setgroups(2)`, `setresgid(2)`, `setresuid(2)`, in this order.
    SetIds {
        uid: u32,
        gid: u32,
        groups: Option<Vec<u32>>,
    },
    /// `prctl(PR_CAPBSET_DROP)`, `capset(2)` and `prctl(PR_CAP_AMBIENT)`: these sets, as far as
    /// they are held.
    SetCapabilities {
        bounding: Vec<Capability>,
        effective: Vec<Capability>,
        permitted: Vec<Capability>,
        inheritable: Vec<Capability>,
        ambient: Vec<Capability>,
    },
    /// `prctl(PR_SET_NO_NEW_PRIVS, 1)`
    NoNewPrivileges,
    /// `seccomp(2)` with the filter that descriptor `descriptor` holds.
    InstallSeccomp {
        descriptor: u32,
        flags: Vec<SeccompFlag>,
    },
    /// `setsid(2)`
    NewSession,
    /// `open(2)` of `<devpts>/ptmx`; the slave becomes descriptors 0 to 2 and the controlling
    /// terminal, the master goes to the parent.
    OpenTerminal {
        devpts: String,
        rows: u16,
        columns: u16,
    },
    /// `chdir(2)`
    ChangeDirectory { path: String },
    /// `execve(2)`: the application takes the place of slipway-init.
    Exec { argv: Vec<String>, env: Vec<String> },
    /// In place of `Exec`: this process becomes a keeper, with the descriptor as its first
    /// connection (see [`keeper`]).
    Keep { connection: u32 },
}

/// What init says on the channel. The table above draws the order.
#[derive(Debug, Serialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Report {
    Barrier { step: usize, name: String },
    Forked { step: usize },
    Terminal { step: usize },
    Executing { timings_ns: Vec<u64> },
    Failed(Failure),
}

/// A step that the kernel refused: enough to say what, where, with what, and why.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    pub step: usize,
    pub syscall: String,
    /// The arguments as a person would write them in C.
    pub args: String,
    /// The kernel's number; 0 where init itself refused.
    pub errno: i32,
    /// What init could see of the reason: it stands inside the container, the parent does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// Why an `execve` failed, or what init refused before any call.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(
    tag = "kind",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Reason {
    /// No such program, neither at the path nor in any folder of `PATH`.
    NotFound {
        looked_in: Vec<String>,
    },
    /// The program is there; the loader or `#!` interpreter that it names is not.
    InterpreterMissing {
        path: String,
        interpreter: String,
    },
    /// An ELF file for another processor.
    WrongArchitecture {
        path: String,
        machine: u16,
    },
    /// A file without an `x` bit for this user.
    NotExecutable {
        path: String,
    },
    IsDirectory {
        path: String,
    },
    /// Its file system is mounted `noexec`.
    NoexecMount {
        path: String,
    },
    /// Neither ELF nor `#!`.
    NotAProgram {
        path: String,
    },
    /// The program is not of this grammar.
    BadProgram {
        message: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_of_the_shared_example_is_understood() {
        let text = include_str!("../every-step.json");
        let program: Program = serde_json::from_str(text).expect("every-step.json parses");
        assert_eq!(program.version, VERSION);
        // As long as each number below is met once, the example holds each step once.
        let mut numbers: Vec<usize> = program.steps.iter().map(number_of).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (0..=32).collect::<Vec<_>>());
    }

    /// A new step does not compile until it has a number here, and a line in the example.
    fn number_of(step: &Step) -> usize {
        match step {
            Step::Barrier { .. } => 0,
            Step::Unshare { .. } => 1,
            Step::Setns { .. } => 2,
            Step::SetTimeOffsets { .. } => 3,
            Step::Fork { .. } => 4,
            Step::SetHostname { .. } => 5,
            Step::SetDomainname { .. } => 6,
            Step::SetPropagation { .. } => 7,
            Step::Mount { .. } => 8,
            Step::MountProc { .. } => 9,
            Step::SetIds { .. } => 10,
            Step::NewSession => 11,
            Step::OpenTerminal { .. } => 12,
            Step::ChangeDirectory { .. } => 13,
            Step::Exec { .. } => 14,
            Step::Attach { .. } => 15,
            Step::PivotRoot => 16,
            Step::ChangeRoot { .. } => 17,
            Step::MakeRootReadOnly => 18,
            Step::MaskPaths { .. } => 19,
            Step::ProtectPaths { .. } => 20,
            Step::MakeDevice { .. } => 21,
            Step::MakeLink { .. } => 22,
            Step::StayAsInit => 23,
            Step::MakeFolder { .. } => 24,
            Step::SetSysctl { .. } => 25,
            Step::SetOomScore { .. } => 26,
            Step::SetRlimit { .. } => 27,
            Step::SetUmask { .. } => 28,
            Step::SetCapabilities { .. } => 29,
            Step::NoNewPrivileges => 30,
            Step::InstallSeccomp { .. } => 31,
            Step::Keep { .. } => 32,
        }
    }

    #[test]
    fn an_unknown_step_and_an_unknown_field_are_refused() {
        let unknown_step = r#"{"version":1,"dieWithParent":true,"steps":[{"call":"reboot"}]}"#;
        let error = serde_json::from_str::<Program>(unknown_step)
            .unwrap_err()
            .to_string();
        assert!(error.contains("unknown variant `reboot`"), "{error}");
        let unknown_field =
            r#"{"version":1,"dieWithParent":true,"steps":[{"call":"setHostname","nam":"x"}]}"#;
        assert!(serde_json::from_str::<Program>(unknown_field).is_err());
    }
}
