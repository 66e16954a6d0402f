//! A birth by order: what the addon does for a child of the daemon's, with what came in a packet.
//!
//! - [`bear`]: from the order to the child's record
//! - [`open_sink`]: a sink of this or of a later order

use super::child::Child;
use super::connection::Handed;
use super::log::Log;
use super::pump::Source;
use super::sinks::Sink;
use crate::kernel;
use alloc::format;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::ffi::CStr;
use rustix::buffer::spare_capacity;
use rustix::fd::{AsRawFd, OwnedFd, RawFd};
use rustix::io::Errno;
use slipway_cradle::groups::open_groups;
use slipway_cradle::refused::{Refused, refusal};
use slipway_cradle::streams::Streams;
use slipway_cradle::{Request, give_birth};
use slipway_wire::keeper::{
    BirthOrder, CHANNEL_AT, INIT_AT, LONGEST_PROGRAM, LogOrder, PROGRAM_AT, SinkOrder,
};

/// The number of the first sink, and of each that follows.
pub struct SinkNumbers(pub u32);

pub fn bear(
    order: BirthOrder,
    starter: u32,
    handed: &mut Handed,
    numbers: &mut SinkNumbers,
) -> Result<Child, Refused> {
    let lost = |what: &'static str| refusal("recvmsg", what);
    let init = handed.take(INIT_AT).map_err(lost("init"))?;
    let program = handed.take(PROGRAM_AT).map_err(lost("program"))?;
    let channel = handed.take(CHANNEL_AT).map_err(lost("channel"))?;
    let log = order.log.map(|log| open_log(log, handed)).transpose()?;
    let sinks = order.sinks.iter();
    let sinks = sinks.map(|sink| open_sink(sink, handed, numbers));
    let sinks = sinks.collect::<Result<Vec<_>, _>>()?;
    let mut steps = Vec::new();
    for place in &order.descriptors {
        steps.push(handed.take(*place as usize).map_err(lost("a descriptor"))?);
    }
    let mut lent = Vec::new();
    let mut stdio = Vec::new();
    for place in &order.stdio {
        stdio.push(match usize::try_from(*place) {
            Ok(place) => {
                lent.push(handed.take(place).map_err(lost("a stream"))?);
                lent[lent.len() - 1].as_raw_fd()
            }
            Err(_) => *place,
        });
    }
    let groups = open_groups(&order.cgroups)?;
    let mut streams = Streams::open(&stdio)?;
    let text = read_program(&program).map_err(refusal("read", "program"))?;
    let steps: Vec<RawFd> = steps.iter().map(AsRawFd::as_raw_fd).collect();
    let birth = give_birth(&Request {
        init: init.as_raw_fd(),
        program: &strings_of(&text),
        flags: order.flags,
        streams: &streams.child_ends,
        channel: channel.as_raw_fd(),
        descriptors: &steps,
        groups: &groups,
        needs_rights: true,
        ignored_signals: &[],
    })?;
    let mut ends = streams.take_parent_ends().into_iter();
    let input = ends.next().flatten();
    let mut output = || ends.next().flatten().map(Source::new).transpose();
    let sources = [output(), output()].map(|source| source.ok().flatten());
    Ok(Child {
        name: order.name,
        pid: birth.pid,
        pidfd: birth.pidfd,
        started_at_ns: kernel::now_ns().to_string(),
        is_main: order.is_main,
        forks_left: order.forks,
        starter: Some(starter),
        has_terminal: false,
        sources,
        input,
        log,
        sinks,
        end: None,
        is_told: false,
    })
}

fn open_log(order: LogOrder, handed: &mut Handed) -> Result<Log, Refused> {
    if !Log::is_name(&order.file) {
        return Err(refusal("openat", format!("{:?}", order.file))(Errno::INVAL));
    }
    let shown = format!("{:?}, O_WRONLY|O_CREAT|O_APPEND", order.file);
    let folder = handed.take(order.folder as usize);
    folder
        .and_then(|folder| {
            Log::open(
                folder,
                order.file,
                order.max_bytes,
                order.max_files,
                order.attributes,
            )
        })
        .map_err(refusal("openat", shown))
}

pub fn open_sink(
    order: &SinkOrder,
    handed: &mut Handed,
    numbers: &mut SinkNumbers,
) -> Result<Sink, Refused> {
    let descriptor = handed.take(order.descriptor as usize);
    numbers.0 = numbers.0.wrapping_add(1);
    descriptor
        .and_then(|descriptor| Sink::open(numbers.0, order, descriptor))
        .map_err(refusal("fcntl", "the sink, F_SETFL, O_NONBLOCK"))
}

/// The whole memfd, from its start, wherever its offset stands.
fn read_program(file: &OwnedFd) -> Result<Vec<u8>, Errno> {
    let size = rustix::fs::fstat(file)?.st_size as usize;
    if size > LONGEST_PROGRAM {
        return Err(Errno::TOOBIG);
    }
    let mut text = Vec::with_capacity(size);
    while text.len() < size {
        let at = text.len() as u64;
        if rustix::io::pread(file, spare_capacity(&mut text), at)? == 0 {
            return Err(Errno::NODATA);
        }
    }
    Ok(text)
}

/// The strings of `text`, each up to its NUL; what has none is no string.
fn strings_of(mut text: &[u8]) -> Vec<&CStr> {
    let mut strings = Vec::new();
    while let Ok(string) = CStr::from_bytes_until_nul(text) {
        text = &text[string.to_bytes_with_nul().len()..];
        strings.push(string);
    }
    strings
}
