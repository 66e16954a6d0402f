//! What this process and its children may do, and may ever do.
//!
//! - [`set_capabilities`], [`Sets`]: which of root's rights stay
//! - [`no_new_privileges`]: `execve` grants nothing any more
//! - [`install_seccomp`]: a filter before every system call, for good
//!
//! Sources: capabilities(7), PR_CAPBSET_DROP(2const), PR_SET_NO_NEW_PRIVS(2const), seccomp(2).

use crate::{Context, kernel, refusal::Refusal};
use alloc::format;
use alloc::vec;
use rustix::io::Errno;
use rustix::thread::{CapabilitySet, CapabilitySets, capabilities};
use slipway_wire::{Capability, SeccompFlag};

/// No kernel has a capability of this number.
const BEYOND_ALL: u32 = 64;
/// The kernel's BPF_MAXINSNS: a filter has no more instructions.
const MOST_INSTRUCTIONS: usize = 4096;

/// The five sets of a process.
pub struct Sets {
    bounding: CapabilitySet,
    effective: CapabilitySet,
    permitted: CapabilitySet,
    inheritable: CapabilitySet,
    ambient: CapabilitySet,
}

impl Sets {
    pub fn of(
        bounding: &[Capability],
        effective: &[Capability],
        permitted: &[Capability],
        inheritable: &[Capability],
        ambient: &[Capability],
    ) -> Self {
        Self {
            bounding: set_of(bounding),
            effective: set_of(effective),
            permitted: set_of(permitted),
            inheritable: set_of(inheritable),
            ambient: set_of(ambient),
        }
    }
}

fn set_of(names: &[Capability]) -> CapabilitySet {
    let bits = names.iter().fold(0, |bits, name| bits | 1 << *name as u64);
    CapabilitySet::from_bits_retain(bits)
}

/// `int prctl(PR_CAPBSET_DROP, cap)` for each that is not named, `int capset(...)`, then
/// `int prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap)` for each of the ambient ones.
///
/// What this process itself does not have cannot be given on: the sets end up as small as they
/// are here. After `setresuid` the rights are held but not in effect; to give the bounding set away
/// takes one that is.
pub fn set_capabilities(sets: &Sets) -> Result<(), Refusal> {
    let held = capabilities(None).map_err(Refusal::of("capget", ""))?;
    let all = CapabilitySets {
        effective: held.permitted,
        ..held
    };
    set(all, "effective = permitted")?;
    for capability in 0..BEYOND_ALL {
        let bit = CapabilitySet::from_bits_retain(1 << capability);
        if sets.bounding.contains(bit) {
            continue;
        }
        match kernel::drop_from_bounding_set(capability) {
            // The first number that the kernel does not know ends the list.
            Err(Errno::INVAL) => break,
            done => done.map_err(Refusal::of(
                "prctl",
                format!("PR_CAPBSET_DROP, {capability}"),
            ))?,
        }
    }
    let permitted = sets.permitted & held.permitted;
    let wanted = CapabilitySets {
        effective: sets.effective & permitted,
        permitted,
        inheritable: sets.inheritable & held.permitted & sets.bounding,
    };
    set(wanted, "the sets of the program")?;
    for bit in (sets.ambient & permitted & wanted.inheritable).iter() {
        rustix::thread::configure_capability_in_ambient_set(bit, true).map_err(Refusal::of(
            "prctl",
            format!("PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, {bit:?}"),
        ))?;
    }
    Ok(())
}

fn set(sets: CapabilitySets, shown: &str) -> Result<(), Refusal> {
    rustix::thread::set_capabilities(None, sets).map_err(Refusal::of("capset", shown))
}

/// `int prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)`
pub fn no_new_privileges() -> Result<(), Refusal> {
    rustix::thread::set_no_new_privs(true).map_err(Refusal::of("prctl", "PR_SET_NO_NEW_PRIVS, 1"))
}

/// `int seccomp(SECCOMP_SET_MODE_FILTER, flags, {.len, .filter})`, of what `descriptor` holds: the
/// instructions of a classic BPF program, eight bytes each.
///
/// Without no_new_privs this takes CAP_SYS_ADMIN in effect, which after `setresuid` is only held.
pub fn install_seccomp(
    context: &Context,
    descriptor: u32,
    flags: &[SeccompFlag],
) -> Result<(), Refusal> {
    let file = context.descriptor(descriptor);
    let found = rustix::fs::fstat(file).map_err(Refusal::of("fstat", "the filter"))?;
    let size = usize::try_from(found.st_size).unwrap_or(0);
    let count = size / size_of::<u64>();
    if count == 0 || count > MOST_INSTRUCTIONS {
        return Err(Refusal::of("seccomp", format!("{count} instructions"))(
            Errno::INVAL,
        ));
    }
    let mut filter = vec![0u64; count];
    // SAFETY: a `u64` is eight bytes of any value, and nobody else has a reference to these.
    let bytes: &mut [u8] =
        unsafe { core::slice::from_raw_parts_mut(filter.as_mut_ptr().cast(), count * 8) };
    let read: usize =
        rustix::io::pread(file, &mut *bytes, 0).map_err(Refusal::of("pread64", "the filter"))?;
    if read != bytes.len() {
        return Err(Refusal::of("pread64", "the filter")(Errno::IO));
    }
    bring_into_effect()?;
    let bits = flags.iter().fold(0, |bits, flag| bits | bit_of(*flag));
    kernel::set_seccomp_filter(&filter, bits).map_err(Refusal::of(
        "seccomp",
        format!("SECCOMP_SET_MODE_FILTER, {bits:#x}, {count} instructions"),
    ))
}

fn bring_into_effect() -> Result<(), Refusal> {
    if rustix::thread::no_new_privs().map_err(Refusal::of("prctl", "PR_GET_NO_NEW_PRIVS"))? {
        return Ok(());
    }
    let held = capabilities(None).map_err(Refusal::of("capget", ""))?;
    let admin = CapabilitySet::SYS_ADMIN;
    if held.effective.contains(admin) || !held.permitted.contains(admin) {
        return Ok(());
    }
    let effective = held.effective | admin;
    set(
        CapabilitySets { effective, ..held },
        "effective += CAP_SYS_ADMIN",
    )
}

/// linux/seccomp.h
fn bit_of(flag: SeccompFlag) -> u32 {
    match flag {
        SeccompFlag::Tsync => 1,
        SeccompFlag::Log => 1 << 1,
        SeccompFlag::SpecAllow => 1 << 2,
    }
}
