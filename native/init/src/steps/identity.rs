//! Who this process is.
//!
//! - host and domain name, user and groups, session, working directory
//! - whose death it follows, and that nobody else may look into it
//!
//! Sources: sethostname(2), setgroups(2), setresuid(2), setsid(2), PR_SET_PDEATHSIG(2const),
//! PR_SET_KEEPCAPS(2const).

use crate::{Context, refusal::Refusal};
use alloc::format;
use alloc::vec::Vec;
use rustix::process::{Gid, Signal, Uid};
use rustix::thread::{CapabilitySet, CapabilitySets, capabilities, set_capabilities};

/// `int sethostname(const char *name, size_t len)`
pub fn set_hostname(name: &str) -> Result<(), Refusal> {
    rustix::system::sethostname(name.as_bytes()).map_err(Refusal::of(
        "sethostname",
        format!("{name:?}, {}", name.len()),
    ))
}

/// `int setdomainname(const char *name, size_t len)`
pub fn set_domainname(name: &str) -> Result<(), Refusal> {
    rustix::system::setdomainname(name.as_bytes()).map_err(Refusal::of(
        "setdomainname",
        format!("{name:?}, {}", name.len()),
    ))
}

/// `int setgroups(size_t size, const gid_t *list)`, `int setresgid(gid_t, gid_t, gid_t)`,
/// `int setresuid(uid_t, uid_t, uid_t)`
///
/// Groups first and the user last: whoever has given up uid 0 may not change groups any more.
///
/// The rights of root are kept until `execve` (`PR_SET_KEEPCAPS`), though not in effect: a later
/// step says which of them stay. If none does, `execve` takes all of them away.
pub fn set_ids(uid: u32, gid: u32, groups: Option<&[u32]>) -> Result<(), Refusal> {
    if let Some(groups) = groups {
        let list: Vec<Gid> = groups.iter().map(|group| Gid::from_raw(*group)).collect();
        rustix::thread::set_thread_groups(&list).map_err(Refusal::of(
            "setgroups",
            format!("{}, {groups:?}", groups.len()),
        ))?;
    }
    let group = Gid::from_raw(gid);
    rustix::thread::set_thread_res_gid(group, group, group)
        .map_err(Refusal::of("setresgid", format!("{gid}, {gid}, {gid}")))?;
    if uid != 0 {
        rustix::thread::set_keep_capabilities(true)
            .map_err(Refusal::of("prctl", "PR_SET_KEEPCAPS, 1"))?;
    }
    let user = Uid::from_raw(uid);
    rustix::thread::set_thread_res_uid(user, user, user)
        .map_err(Refusal::of("setresuid", format!("{uid}, {uid}, {uid}")))
}

/// `pid_t setsid(void)`
pub fn new_session() -> Result<(), Refusal> {
    rustix::process::setsid()
        .map(drop)
        .map_err(Refusal::of("setsid", ""))
}

/// `int chdir(const char *path)`
pub fn change_directory(path: &str) -> Result<(), Refusal> {
    rustix::process::chdir(path).map_err(Refusal::of("chdir", format!("{path:?}")))
}

/// `int prctl(PR_SET_PDEATHSIG, SIGKILL)`, if the program asks for it.
///
/// The kernel forgets the wish at a fork and whenever the process's credentials change, so it is
/// said at the start, after each fork, and once more before `execve`.
pub fn follow_parent_to_death(context: &Context) -> Result<(), Refusal> {
    if !context.die_with_parent {
        return Ok(());
    }
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))
        .map_err(Refusal::of("prctl", "PR_SET_PDEATHSIG, SIGKILL"))
}

/// `int prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)`, then `capset(2)` with an empty
/// inheritable set.
///
/// Whoever starts us in a new user namespace lets its rights survive our own `execve` as ambient
/// ones. They are for us; the application gets what its uid gives it.
pub fn keep_rights_to_ourselves() -> Result<(), Refusal> {
    rustix::thread::clear_ambient_capability_set().map_err(Refusal::of(
        "prctl",
        "PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL",
    ))?;
    let held = capabilities(None).map_err(Refusal::of("capget", ""))?;
    if held.inheritable.is_empty() {
        return Ok(());
    }
    let sets = CapabilitySets {
        inheritable: CapabilitySet::empty(),
        ..held
    };
    set_capabilities(None, sets).map_err(Refusal::of("capset", "inheritable = {}"))
}
