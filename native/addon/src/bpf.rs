//! eBPF programs on control groups: what version 2 has instead of `devices.allow`.
//!
//! - [`load_device_program`]: instructions become a program that answers for each access to a
//!   device: 1 is yes, 0 is no
//! - [`attach_device_program`]: on a group, beside others or in place of one
//! - [`device_program_on`]: the one of a given name that is on a group, if there is one
//!
//! The kernel asks all programs on the way from the process's group to the root, and one no is
//! enough (`BPF_F_ALLOW_MULTI`). The program belongs to the group: it goes with it, and no
//! descriptor has to stay open. Sources: bpf(2), linux/bpf.h.

use crate::{refusal, refused};
use napi::bindgen_prelude::Buffer;
use napi_derive::napi;
use rustix::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd};
use rustix::fs::{Mode, OFlags};

const BPF_PROG_LOAD: i32 = 5;
const BPF_PROG_ATTACH: i32 = 8;
const BPF_PROG_GET_FD_BY_ID: i32 = 13;
const BPF_OBJ_GET_INFO_BY_FD: i32 = 15;
const BPF_PROG_QUERY: i32 = 16;
const BPF_PROG_TYPE_CGROUP_DEVICE: u32 = 15;
const BPF_CGROUP_DEVICE: u32 = 6;
const BPF_F_ALLOW_MULTI: u32 = 2;
const BPF_F_REPLACE: u32 = 4;

/// The bytes of one instruction.
const INSTRUCTION: usize = 8;
/// A group has at most so many programs (`BPF_CGROUP_MAX_PROGS`).
const MOST_PROGRAMS: usize = 64;
/// The bytes of a program's name, with the zero at its end.
const NAME: usize = 16;

#[repr(C)]
#[derive(Default)]
struct Load {
    kind: u32,
    count: u32,
    instructions: u64,
    license: u64,
    log_level: u32,
    log_size: u32,
    log: u64,
    kernel_version: u32,
    flags: u32,
    name: [u8; NAME],
}

#[repr(C)]
#[derive(Default)]
struct Attach {
    group: i32,
    program: i32,
    kind: u32,
    flags: u32,
    replaced: i32,
}

#[repr(C)]
#[derive(Default)]
struct Query {
    group: i32,
    kind: u32,
    query_flags: u32,
    attach_flags: u32,
    ids: u64,
    count: u32,
    /// As long as the compiler would make it, but zero: the kernel looks.
    rest: u32,
}

#[repr(C)]
struct Info {
    program: i32,
    length: u32,
    info: u64,
}

/// The beginning of `struct bpf_prog_info`; the kernel fills as much as there is room for.
#[repr(C)]
#[derive(Default)]
struct ProgramInfo {
    kind: u32,
    id: u32,
    tag: [u8; 8],
    lengths: [u32; 2],
    texts: [u64; 2],
    load_time: u64,
    creator: u32,
    map_count: u32,
    maps: u64,
    name: [u8; NAME],
}

/// `int bpf(BPF_PROG_LOAD, {BPF_PROG_TYPE_CGROUP_DEVICE, …}, size)`: the verified program.
#[napi]
pub fn load_device_program(instructions: Buffer, name: String) -> napi::Result<i32> {
    let mut label = [0; NAME];
    for (place, byte) in label[..NAME - 1].iter_mut().zip(name.bytes()) {
        *place = byte;
    }
    let mut load = Load {
        kind: BPF_PROG_TYPE_CGROUP_DEVICE,
        count: (instructions.len() / INSTRUCTION) as u32,
        instructions: instructions.as_ptr() as u64,
        license: c"MIT".as_ptr() as u64,
        name: label,
        ..Load::default()
    };
    let shown = format!("BPF_PROG_TYPE_CGROUP_DEVICE, {} instructions", load.count);
    // SAFETY: the instructions and the license outlive the call, which only reads them.
    unsafe { bpf(BPF_PROG_LOAD, &mut load) }
        .map_err(|errno| refused("bpf", &format!("BPF_PROG_LOAD, {shown}"), errno))
}

/// `int bpf(BPF_PROG_ATTACH, {…, BPF_CGROUP_DEVICE, BPF_F_ALLOW_MULTI}, size)`; with `replaced`, a
/// program that is on the group, in its place: there is no moment without one.
#[napi]
pub fn attach_device_program(
    group: String,
    program: i32,
    replaced: Option<i32>,
) -> napi::Result<()> {
    let directory = open_group(&group)?;
    let mut attach = Attach {
        group: directory.as_raw_fd(),
        program,
        kind: BPF_CGROUP_DEVICE,
        flags: BPF_F_ALLOW_MULTI | replaced.map_or(0, |_| BPF_F_REPLACE),
        replaced: replaced.unwrap_or(0),
    };
    // SAFETY: the structure holds numbers only.
    unsafe { bpf(BPF_PROG_ATTACH, &mut attach) }
        .map(drop)
        .map_err(|errno| refused("bpf", &format!("BPF_PROG_ATTACH, {group:?}"), errno))
}

/// `int bpf(BPF_PROG_QUERY, {…, BPF_CGROUP_DEVICE}, size)`: a descriptor of the first program on
/// the group itself (not on one above) that has this name.
#[napi]
pub fn device_program_on(group: String, name: String) -> napi::Result<Option<i32>> {
    let directory = open_group(&group)?;
    let mut ids = [0_u32; MOST_PROGRAMS];
    let mut query = Query {
        group: directory.as_raw_fd(),
        kind: BPF_CGROUP_DEVICE,
        ids: ids.as_mut_ptr() as u64,
        count: MOST_PROGRAMS as u32,
        ..Query::default()
    };
    // SAFETY: `ids` has room for `count` numbers and outlives the call.
    unsafe { bpf(BPF_PROG_QUERY, &mut query) }
        .map_err(|errno| refused("bpf", &format!("BPF_PROG_QUERY, {group:?}"), errno))?;
    for id in &ids[..query.count as usize] {
        let Some(program) = open_program(*id) else {
            continue; // it was taken away meanwhile
        };
        if name_of(&program)? == name.as_bytes() {
            return Ok(Some(program.into_raw_fd()));
        }
    }
    Ok(None)
}

fn open_program(id: u32) -> Option<OwnedFd> {
    let mut attribute = [id, 0, 0];
    // SAFETY: the structure holds numbers only; the descriptor is new and nobody else's.
    unsafe {
        bpf(BPF_PROG_GET_FD_BY_ID, &mut attribute)
            .ok()
            .map(|descriptor| OwnedFd::from_raw_fd(descriptor))
    }
}

fn name_of(program: &OwnedFd) -> napi::Result<Vec<u8>> {
    let mut found = ProgramInfo::default();
    let mut info = Info {
        program: program.as_raw_fd(),
        length: size_of::<ProgramInfo>() as u32,
        info: &raw mut found as u64,
    };
    // SAFETY: `found` has `length` bytes of numbers and outlives the call.
    unsafe { bpf(BPF_OBJ_GET_INFO_BY_FD, &mut info) }
        .map_err(|errno| refused("bpf", "BPF_OBJ_GET_INFO_BY_FD", errno))?;
    let end = found.name.iter().position(|byte| *byte == 0);
    Ok(found.name[..end.unwrap_or(NAME)].to_vec())
}

fn open_group(path: &str) -> napi::Result<OwnedFd> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    rustix::fs::open(path, flags, Mode::empty())
        .map_err(refusal("open", format!("{path:?}, O_RDONLY|O_DIRECTORY")))
}

/// `int bpf(int cmd, union bpf_attr *attr, unsigned int size)`: a number, or the errno. A new
/// descriptor is close-on-exec.
///
/// # Safety
///
/// `attribute` is what `command` takes, and what it points to lives until the call is done.
unsafe fn bpf<T>(command: i32, attribute: &mut T) -> Result<i32, i32> {
    // SAFETY: the caller vouches for the structure; its size goes with it.
    let result = unsafe {
        libc::syscall(
            libc::SYS_bpf,
            command,
            &raw mut *attribute,
            size_of::<T>() as u32,
        )
    };
    match result {
        -1 => Err(std::io::Error::last_os_error()
            .raw_os_error()
            .unwrap_or(libc::EIO)),
        number => Ok(number as i32),
    }
}
