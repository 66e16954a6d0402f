//! Why an `execve` was refused.
//!
//! - [`reason_for`]: `ENOENT` for a program that is plainly there confuses everyone once; we stand
//!   inside the container and can look: is it the loader that is missing, the `#!` interpreter,
//!   the processor, the `x` bit, or the mount?
//!
//! What a file says of itself is read from its first page, and believed for nothing but the
//! message. Sources: execve(2), elf(5).

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use rustix::fs::{Access, FileType, Mode, OFlags, StatVfsMountFlags};
use rustix::io::Errno;
use slipway_wire::Reason;

/// `e_machine` of the programs that this processor runs (elf(5)).
const OWN_MACHINE: u16 = if cfg!(target_arch = "aarch64") {
    183
} else {
    62
};

/// `p_type` of the program header that names an ELF file's interpreter (elf(5)).
const PT_INTERP: usize = 3;

/// A `PATH` may be long; a report may not. So many bytes of searched paths are told.
const LONGEST_SEARCH: usize = 8 * 1024;

/// What can be seen of the reason why `execve` of `path` answered `errno`.
pub fn reason_for(path: &str, errno: Errno, looked_in: &[String]) -> Option<Reason> {
    let own = path.to_owned();
    let Ok(found) = rustix::fs::stat(path) else {
        let missing = matches!(errno, Errno::NOENT | Errno::NOTDIR);
        return missing.then(|| Reason::NotFound {
            looked_in: shortened(looked_in),
        });
    };
    match FileType::from_raw_mode(found.st_mode) {
        FileType::Directory => return Some(Reason::IsDirectory { path: own }),
        FileType::RegularFile => {}
        _ => return Some(Reason::NotAProgram { path: own }),
    }
    match errno {
        Errno::NOENT => {
            interpreter_of(&head_of(path)?).map(|interpreter| Reason::InterpreterMissing {
                path: own,
                interpreter,
            })
        }
        Errno::ACCESS => why_no_access(own),
        Errno::NOEXEC => Some(match machine_of(&head_of(path)?) {
            Some(machine) if machine != OWN_MACHINE => {
                Reason::WrongArchitecture { path: own, machine }
            }
            _ => Reason::NotAProgram { path: own },
        }),
        _ => None,
    }
}

fn why_no_access(path: String) -> Option<Reason> {
    let mount = rustix::fs::statvfs(path.as_str()).map(|found| found.f_flag);
    if mount.is_ok_and(|flags| flags.contains(StatVfsMountFlags::NOEXEC)) {
        return Some(Reason::NoexecMount { path });
    }
    if rustix::fs::access(path.as_str(), Access::EXEC_OK).is_err() {
        return Some(Reason::NotExecutable { path });
    }
    // The file itself may be run: it is its interpreter that may not.
    let interpreter = interpreter_of(&head_of(&path)?)?;
    let refused = rustix::fs::access(interpreter.as_str(), Access::EXEC_OK).is_err();
    refused.then_some(Reason::NotExecutable { path: interpreter })
}

fn shortened(paths: &[String]) -> Vec<String> {
    let mut left = LONGEST_SEARCH;
    let fits = |path: &&String| {
        let fits = path.len() <= left;
        left = left.saturating_sub(path.len());
        fits
    };
    paths.iter().take_while(fits).cloned().collect()
}

/// The first bytes of a program: enough for a `#!` line and for all program headers in practice.
fn head_of(path: &str) -> Option<Vec<u8>> {
    let mut head = vec![0; 4096];
    let file = rustix::fs::open(path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty()).ok()?;
    let read = rustix::io::pread(&file, &mut head, 0).ok()?;
    head.truncate(read);
    Some(head)
}

/// The interpreter that a script (`#!`) or an ELF file (`PT_INTERP`) names.
fn interpreter_of(head: &[u8]) -> Option<String> {
    if let Some(line) = head.strip_prefix(b"#!") {
        let line = line.split(|byte| *byte == b'\n').next()?;
        let text = String::from_utf8_lossy(line);
        // Only these two separate words for the kernel: a carriage return is part of the name.
        return text
            .split([' ', '\t'])
            .find(|word| !word.is_empty())
            .map(str::to_owned);
    }
    if !head.starts_with(b"\x7fELF\x02") {
        return None;
    }
    // elf(5): e_phoff at 32, e_phentsize at 54, e_phnum at 56; p_type, p_offset at 8, p_filesz at
    // 32.
    let table = number(head, 32, 8)?;
    let size = number(head, 54, 2)?;
    for index in 0..number(head, 56, 2)? {
        let entry = table.checked_add(index * size)?;
        if number(head, entry, 4)? == PT_INTERP {
            let start = number(head, entry.checked_add(8)?, 8)?;
            let length = number(head, entry.checked_add(32)?, 8)?;
            let bytes = head.get(start..start.checked_add(length)?)?;
            let text = String::from_utf8_lossy(bytes);
            return Some(text.trim_end_matches('\0').to_owned());
        }
    }
    None
}

/// `e_machine` of an ELF file, or nothing if it is none.
fn machine_of(head: &[u8]) -> Option<u16> {
    if !head.starts_with(b"\x7fELF") {
        return None;
    }
    number(head, 18, 2).and_then(|machine| u16::try_from(machine).ok())
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

#[cfg(test)]
mod tests {
    use super::*;

    /// An ELF header with one program header of `kind`, whose text stands right behind it.
    fn elf(machine: u8, kind: u8, text: &[u8]) -> Vec<u8> {
        let mut head = vec![0; 64 + 56];
        head[..6].copy_from_slice(b"\x7fELF\x02\x01");
        head[18] = machine;
        (head[32], head[54], head[56]) = (64, 56, 1);
        (head[64], head[64 + 8], head[64 + 32]) = (kind, 120, text.len() as u8);
        head.extend_from_slice(text);
        head
    }

    #[test]
    fn the_interpreter_of_a_script_is_the_first_word_behind_the_marks() {
        let found = interpreter_of(b"#! /usr/bin/env sh\necho");
        assert_eq!(found.as_deref(), Some("/usr/bin/env"));
        assert_eq!(interpreter_of(b"#!\n"), None);
        assert_eq!(
            interpreter_of(b"#!/bin/sh\r\necho\r\n").as_deref(),
            Some("/bin/sh\r")
        );
    }

    #[test]
    fn the_interpreter_of_an_elf_file_is_its_pt_interp() {
        let found = interpreter_of(&elf(62, 3, b"/lib/ld.so\0"));
        assert_eq!(found.as_deref(), Some("/lib/ld.so"));
        assert_eq!(interpreter_of(&elf(62, 1, b"/lib/ld.so\0")), None);
    }

    #[test]
    fn a_header_that_lies_is_no_reason_and_no_panic() {
        let good = elf(62, 3, b"/lib/ld.so\0");
        for position in 0..good.len() {
            let mut bad = good.clone();
            bad[position] = 0xff;
            let _ = (interpreter_of(&bad), machine_of(&bad));
            let _ = interpreter_of(&good[..position]);
        }
        let mut far = good;
        far[32..40].fill(0xff);
        assert_eq!(interpreter_of(&far), None);
    }

    #[test]
    fn the_processor_is_named_by_the_header() {
        assert_eq!(machine_of(&elf(183, 3, b"")), Some(183));
        assert_eq!(machine_of(b"#!/bin/sh"), None);
    }

    #[test]
    fn a_search_in_very_many_folders_is_told_in_part() {
        let paths = vec!["/a/long/folder/of/path/sh".to_owned(); 10_000];
        let told: usize = shortened(&paths).iter().map(String::len).sum();
        assert!(
            told <= LONGEST_SEARCH && told > LONGEST_SEARCH / 2,
            "{told}"
        );
    }
}
