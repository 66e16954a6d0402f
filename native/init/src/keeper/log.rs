//! A child's log file: lines in, rotated files out.
//!
//! - [`Log::open`]: the file in its folder's descriptor, for appending
//! - [`Log::take`]: a piece of output; complete lines are written, the rest is left to the caller
//! - [`Log::take_last`]: that rest, when no more comes
//!
//! All lines of one piece go into one `write`. A full disk loses lines and counts them; it never
//! holds up the output, and never leaves half a line. Rotation is Docker's: before a line, if the
//! file holds `max_bytes` already, `file` becomes `file.1`, `file.1` becomes `file.2`, and so on.
//! Sources: the json-file driver's file format; rename(2), ftruncate(2).

use super::lines::{HEAD, LONGEST_ESCAPE, LONGEST_PIECE, Tail, write_text};
use crate::kernel;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use rustix::fd::OwnedFd;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

pub struct Log {
    folder: OwnedFd,
    file: String,
    open: OwnedFd,
    size: u64,
    max_bytes: u64,
    max_files: u32,
    attributes: String,
    pub lost_lines: u64,
}

impl Log {
    pub fn open(
        folder: OwnedFd,
        file: String,
        max_bytes: u64,
        max_files: u32,
        attributes: String,
    ) -> Result<Self, Errno> {
        let open = open(&folder, &file, OFlags::APPEND)?;
        let size = rustix::fs::fstat(&open)?.st_size as u64;
        Ok(Self {
            folder,
            file,
            open,
            size,
            max_bytes,
            max_files,
            attributes,
            lost_lines: 0,
        })
    }

    /// Writes the lines of `text` that are complete, or too long; returns how many bytes of `text`
    /// they were. `out` is room to write them in first.
    pub fn take(
        &mut self,
        stream: &str,
        text: &[u8],
        cut_at_ns: &mut Option<u64>,
        out: &mut Vec<u8>,
    ) -> usize {
        let complete = text.iter().rposition(is_end).map_or(0, |end| end + 1);
        if complete == 0 && text.len() < LONGEST_PIECE {
            return 0;
        }
        let now = kernel::now_ns();
        let tail = Tail::new(stream, &self.attributes, now);
        let mut at = 0;
        out.clear();
        while at < complete || text.len() - at >= LONGEST_PIECE {
            let piece = &text[at..text.len().min(at + LONGEST_PIECE)];
            self.make_room(out);
            let taken = match *cut_at_ns {
                None => write_piece(out, piece, &tail),
                Some(at_ns) => write_piece(out, piece, &Tail::new(stream, &self.attributes, at_ns)),
            };
            match taken < piece.len() {
                true => *cut_at_ns = None,
                false => *cut_at_ns = cut_at_ns.or(Some(now)),
            }
            at += taken + usize::from(taken < piece.len());
        }
        self.flush(out);
        at
    }

    /// Writes what is left of a stream that has ended: the start of a line.
    pub fn take_last(
        &mut self,
        stream: &str,
        text: &[u8],
        cut_at_ns: Option<u64>,
        out: &mut Vec<u8>,
    ) {
        let at_ns = cut_at_ns.unwrap_or_else(kernel::now_ns);
        out.clear();
        self.make_room(out);
        write_piece(out, text, &Tail::new(stream, &self.attributes, at_ns));
        self.flush(out);
    }

    /// Before a line: what is collected is written if the line might not fit, or if the file is
    /// full with it.
    fn make_room(&mut self, out: &mut Vec<u8>) {
        let is_full = self.max_bytes != 0 && self.size + out.len() as u64 >= self.max_bytes;
        let longest = HEAD.len() + LONGEST_PIECE * LONGEST_ESCAPE + self.attributes.len() + 128;
        if is_full || out.capacity() - out.len() < longest {
            self.flush(out);
        }
        if is_full && self.size >= self.max_bytes {
            self.rotate();
        }
    }

    fn flush(&mut self, out: &mut Vec<u8>) {
        let mut written = 0;
        while written < out.len() {
            match rustix::io::write(&self.open, &out[written..]) {
                Ok(count) => written += count,
                Err(Errno::INTR) => {}
                Err(_) => break,
            }
        }
        if written < out.len() {
            written = self.cut_back(out, written);
        }
        self.size += written as u64;
        out.clear();
    }

    /// The disk is full in the middle of `out`: the half line goes, and what it cost is counted.
    fn cut_back(&mut self, out: &[u8], written: usize) -> usize {
        let whole = out[..written]
            .iter()
            .rposition(is_end)
            .map_or(0, |end| end + 1);
        // The file's own size, for somebody else may have emptied it.
        let _ = rustix::fs::fstat(&self.open).and_then(|found| {
            let half = (written - whole) as u64;
            rustix::fs::ftruncate(&self.open, (found.st_size as u64).saturating_sub(half))
        });
        self.lost_lines += out[whole..].iter().filter(|byte| is_end(byte)).count() as u64;
        whole
    }

    /// Where nothing can be renamed or made, the old file goes on.
    fn rotate(&mut self) {
        let numbered = |number: u32| format!("{}.{number}", self.file);
        for number in (1..self.max_files.saturating_sub(1)).rev() {
            self.rename(&numbered(number), &numbered(number + 1));
        }
        if self.max_files > 1 {
            self.rename(&self.file, &numbered(1));
        }
        if let Ok(fresh) = open(&self.folder, &self.file, OFlags::APPEND | OFlags::TRUNC) {
            self.open = fresh;
            self.size = 0;
        }
    }

    fn rename(&self, from: &str, to: &str) {
        let _ = rustix::fs::renameat(&self.folder, from, &self.folder, to);
    }

    /// Whether `file` is a plain name in its folder.
    pub fn is_name(file: &str) -> bool {
        !file.is_empty() && !file.contains('/') && file != "." && file != ".."
    }
}

/// One line of the file; returns how much of `piece` stands before its line feed.
fn write_piece(out: &mut Vec<u8>, piece: &[u8], tail: &Tail) -> usize {
    out.extend_from_slice(HEAD);
    let taken = write_text(out, piece);
    if taken < piece.len() {
        out.extend_from_slice(b"\\n");
    }
    out.extend_from_slice(tail.bytes());
    taken
}

fn is_end(byte: &u8) -> bool {
    *byte == b'\n'
}

fn open(folder: &OwnedFd, file: &str, how: OFlags) -> Result<OwnedFd, Errno> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW | how;
    rustix::fs::openat(folder, file, flags, Mode::from_raw_mode(0o640))
}
