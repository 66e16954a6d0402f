//! slipway-init: the first program of every container, and the only one that is ours inside it.
//!
//! It reads a program of system calls, makes them in order, and becomes the application by
//! `execve`. It has one thread, decides nothing, and keeps nothing: what it finds at its birth and
//! what it says on the way is drawn in the header of `slipway-wire`.
//!
//! - [`live`]: read the program, run the steps, report
//! - [`channel`]: the messages up and the one byte down
//! - [`refusal`]: how a step says that the kernel refused
//! - [`root`]: the container's root, and every path inside it
//! - [`steps`]: one file a family of system calls
//! - [`Title`]: what `ps` shows of us
//! - [`keeper`]: the second role, into which the last step leads in place of an application
//! - [`memory`]: where it comes from
//!
//! There is no C library and no Rust runtime: every system call here is one that we chose, and
//! its first is made a few instructions after its birth (see `main.rs` and [`kernel`]). The unit
//! tests alone have both.
#![cfg_attr(not(test), no_std)]

extern crate alloc;

mod channel;
mod keeper;
pub mod kernel;
pub mod memory;
mod refusal;
mod root;
mod steps;
mod title;

pub use title::Title;

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::ffi::CStr;

use channel::Channel;
use refusal::Refusal;
use rustix::fd::{BorrowedFd, RawFd};
use slipway_wire::{CHANNEL_FD, FIRST_DESCRIPTOR, Program, Reason, Report, VERSION};

/// What the steps share: the way to the parent, and the program's one standing wish.
struct Context {
    pub channel: Channel,
    pub die_with_parent: bool,
    /// The root in which the steps' paths are resolved.
    pub root: root::Root,
    pub step: usize,
    pub timings_ns: Vec<u64>,
    /// For an init that stays: what `ps` shows of it.
    pub title: Title,
}

impl Context {
    /// Descriptor `index` of the request, which the parent has put at its place.
    pub fn descriptor(&self, index: u32) -> BorrowedFd<'static> {
        // SAFETY: the addon opened one descriptor for each index below the request's number, and
        // nothing here closes them; a number beyond it makes the system call answer EBADF.
        unsafe { BorrowedFd::borrow_raw(FIRST_DESCRIPTOR + index as RawFd) }
    }
}

/// The whole life of slipway-init, whose `environment` holds its program; returns only if the
/// application could not be started.
pub fn live<'a>(environment: impl Iterator<Item = &'a CStr>, title: Title) {
    forget_what_was_inherited();
    let mut context = Context {
        // SAFETY: the addon has put our end of the channel there and nobody else owns it.
        channel: unsafe { Channel::at(CHANNEL_FD) },
        die_with_parent: false,
        root: root::Root::default(),
        step: 0,
        timings_ns: Vec::new(),
        title,
    };
    if let Err(refusal) = run(&mut context, environment) {
        let failure = refusal.at(context.step);
        context.channel.say(&Report::Failed(failure));
    }
}

fn run<'a>(
    context: &mut Context,
    environment: impl Iterator<Item = &'a CStr>,
) -> Result<(), Refusal> {
    let program = read_program(environment)?;
    context.die_with_parent = program.die_with_parent;
    steps::identity::keep_rights_to_ourselves()?;
    steps::identity::follow_parent_to_death(context)?;
    let mut began = kernel::now_ns();
    for (index, step) in program.steps.iter().enumerate() {
        context.step = index;
        steps::run(context, step, &program.steps)?;
        let ended = kernel::now_ns();
        // Should somebody set the clock just now, a step took no time.
        context.timings_ns.push(ended.saturating_sub(began));
        began = ended;
    }
    Ok(())
}

/// The program, from the strings that it was cut into.
///
/// Refuses what is not of this grammar before any step has run.
fn read_program<'a>(pieces: impl Iterator<Item = &'a CStr>) -> Result<Program, Refusal> {
    let mut pieces = pieces.map(CStr::to_bytes);
    let first = pieces.next().unwrap_or_default();
    // Nearly every program is one string, which is read where the kernel has put it.
    let rest = pieces.collect::<Vec<_>>();
    let joined;
    let text = match rest.is_empty() {
        true => first,
        false => {
            joined = [&[first], &rest[..]].concat().concat();
            &joined
        }
    };
    let bad = |message: String| Refusal::because(Reason::BadProgram { message });
    let program: Program = serde_json::from_slice(text).map_err(|error| bad(error.to_string()))?;
    if program.version != VERSION {
        return Err(bad(format!(
            "the program is of version {}, this init speaks {VERSION}: build both anew",
            program.version
        )));
    }
    Ok(program)
}

/// Undo what a parent may have left in us: blocked signals and its umask. Ignored signals are gone
/// already: the addon, which knows which there are, asks for no more calls than are needed.
fn forget_what_was_inherited() {
    kernel::block_signals(false);
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
}
