//! The last step: the application takes our place, or we say exactly why it could not.
//!
//! - [`exec`]: search `PATH`, close what is ours, `execve`
//! - [`reason_for`]: `ENOENT` for a program that is plainly there confuses everyone once; we stand
//!   inside the container and can look: is it the loader that is missing, the `#!` interpreter,
//!   the processor, the `x` bit, or the mount?
//!
//! Sources: execve(2), elf(5), environ(7).

use super::identity::follow_parent_to_death;
use crate::{
    Context,
    refusal::{Refusal, last_errno},
};
use rustix::fs::{FileType, StatVfsMountFlags};
use rustix::io::Errno;
use slipway_wire::{Reason, Report};
use std::ffi::CString;
use std::os::unix::fs::FileExt;

/// What `execvp` uses where the environment has no `PATH`; Docker's default is the same.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// `e_machine` of the programs that this processor runs (elf(5)).
const OWN_MACHINE: u16 = if cfg!(target_arch = "aarch64") {
    183
} else {
    62
};

/// `int execve(const char *path, char *const argv[], char *const envp[])`
///
/// Returns only if it was refused. Every descriptor but 0, 1 and 2 is closed by the kernel in the
/// moment of success, so that a refusal can still be told on the channel.
pub fn exec(context: &mut Context, argv: &[String], env: &[String]) -> Refusal {
    if let Err(refusal) = follow_parent_to_death(context) {
        return refusal;
    }
    let Some(program) = argv.first() else {
        return Refusal::of("execve", "no program")(Errno::INVAL);
    };
    let (Some(arguments), Some(environment)) = (strings(argv), strings(env)) else {
        return Refusal::of("execve", "an argument with a NUL byte")(Errno::INVAL);
    };
    // SAFETY: marks descriptors close-on-exec, by number; none of our values is closed by it.
    if unsafe {
        libc::syscall(
            libc::SYS_close_range,
            3,
            u32::MAX,
            libc::CLOSE_RANGE_CLOEXEC,
        )
    } == -1
    {
        return Refusal::of("close_range", "3, ~0U, CLOSE_RANGE_CLOEXEC")(last_errno());
    }
    let timings_ns = std::mem::take(&mut context.timings_ns);
    context.channel.say(&Report::Executing { timings_ns });
    let candidates = candidates(program, env);
    let mut refused = (program.clone(), Errno::NOENT);
    for candidate in &candidates {
        let errno = execve(candidate, &arguments, &environment);
        // As execvp: go on while nothing is there, but remember a file that may not be run.
        if !matches!(errno, Errno::NOENT | Errno::NOTDIR) || refused.1 == Errno::NOENT {
            refused = (candidate.clone(), errno);
        }
        if !matches!(errno, Errno::NOENT | Errno::NOTDIR | Errno::ACCESS) {
            break;
        }
        if errno == Errno::NOENT && std::fs::metadata(candidate).is_ok() {
            break;
        }
    }
    let (mut path, errno) = refused;
    let reason = reason_for(&path, errno, &candidates);
    if matches!(reason, Some(Reason::NotFound { .. })) {
        // No one of the places that were searched is more to blame than the others.
        path.clone_from(program);
    }
    let shown = format!("{path:?}, {argv:?}");
    Refusal {
        syscall: "execve",
        args: shown,
        errno: errno.raw_os_error(),
        reason,
    }
}

fn execve(path: &str, arguments: &[CString], environment: &[CString]) -> Errno {
    let Ok(path) = CString::new(path) else {
        return Errno::INVAL;
    };
    let pointers = |texts: &[CString]| -> Vec<*const libc::c_char> {
        texts
            .iter()
            .map(|text| text.as_ptr())
            .chain([std::ptr::null()])
            .collect()
    };
    let (argv, envp) = (pointers(arguments), pointers(environment));
    // SAFETY: both arrays end in NULL and their strings outlive the call.
    unsafe { libc::execve(path.as_ptr(), argv.as_ptr(), envp.as_ptr()) };
    last_errno()
}

/// The paths to try for `program`: itself if it holds a slash, else one for each folder of `PATH`.
fn candidates(program: &str, env: &[String]) -> Vec<String> {
    if program.contains('/') || program.is_empty() {
        return vec![program.to_owned()];
    }
    let search = env.iter().find_map(|entry| entry.strip_prefix("PATH="));
    search
        .unwrap_or(DEFAULT_PATH)
        .split(':')
        .map(|folder| format!("{}/{program}", if folder.is_empty() { "." } else { folder }))
        .collect()
}

fn reason_for(path: &str, errno: Errno, looked_in: &[String]) -> Option<Reason> {
    let own = path.to_owned();
    let Ok(found) = rustix::fs::stat(path) else {
        let missing = matches!(errno, Errno::NOENT | Errno::NOTDIR);
        return missing.then(|| Reason::NotFound {
            looked_in: looked_in.to_vec(),
        });
    };
    if FileType::from_raw_mode(found.st_mode) == FileType::Directory {
        return Some(Reason::IsDirectory { path: own });
    }
    match errno {
        Errno::NOENT => interpreter_of(path).map(|interpreter| Reason::InterpreterMissing {
            path: own,
            interpreter,
        }),
        Errno::ACCESS => {
            let mount = rustix::fs::statvfs(path).map(|found| found.f_flag);
            let noexec = mount.is_ok_and(|flags| flags.contains(StatVfsMountFlags::NOEXEC));
            Some(match noexec {
                true => Reason::NoexecMount { path: own },
                false => Reason::NotExecutable { path: own },
            })
        }
        Errno::NOEXEC => Some(match machine_of(path) {
            Some(machine) if machine != OWN_MACHINE => {
                Reason::WrongArchitecture { path: own, machine }
            }
            _ => Reason::NotAProgram { path: own },
        }),
        _ => None,
    }
}

/// The first bytes of a program: enough for a `#!` line and for all program headers in practice.
fn head_of(path: &str) -> Option<Vec<u8>> {
    let mut head = vec![0; 4096];
    let read = std::fs::File::open(path).ok()?.read_at(&mut head, 0).ok()?;
    head.truncate(read);
    Some(head)
}

/// The interpreter that a script (`#!`) or an ELF file (`PT_INTERP`) names.
fn interpreter_of(path: &str) -> Option<String> {
    let head = head_of(path)?;
    if let Some(line) = head.strip_prefix(b"#!") {
        let line = line.split(|byte| *byte == b'\n').next()?;
        let text = String::from_utf8_lossy(line);
        return text.split_whitespace().next().map(str::to_owned);
    }
    if !head.starts_with(b"\x7fELF\x02") {
        return None;
    }
    // elf(5): e_phoff at 32, e_phentsize at 54, e_phnum at 56; p_type, p_offset at 8, p_filesz at 32.
    let table = number(&head, 32, 8)?;
    let size = number(&head, 54, 2)?;
    for index in 0..number(&head, 56, 2)? {
        let entry = table + index * size;
        if number(&head, entry, 4)? == libc::PT_INTERP as usize {
            let start = number(&head, entry + 8, 8)?;
            let length = number(&head, entry + 32, 8)?;
            let bytes = head.get(start..start.checked_add(length)?)?;
            return Some(
                String::from_utf8_lossy(bytes)
                    .trim_end_matches('\0')
                    .to_owned(),
            );
        }
    }
    None
}

/// `e_machine` of an ELF file, or nothing if it is none.
fn machine_of(path: &str) -> Option<u16> {
    let head = head_of(path)?;
    if !head.starts_with(b"\x7fELF") {
        return None;
    }
    number(&head, 18, 2).and_then(|machine| u16::try_from(machine).ok())
}

/// The little-endian number of `length` bytes at `offset`.
fn number(bytes: &[u8], offset: usize, length: usize) -> Option<usize> {
    let slice = bytes.get(offset..offset.checked_add(length)?)?;
    Some(
        slice
            .iter()
            .rev()
            .fold(0, |value, byte| value << 8 | *byte as usize),
    )
}

fn strings(texts: &[String]) -> Option<Vec<CString>> {
    texts
        .iter()
        .map(|text| CString::new(text.as_str()).ok())
        .collect()
}
