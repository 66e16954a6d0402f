//! Memory that nobody uses any more, back to the kernel.
//!
//! - [`give_back_memory`]: what the C library keeps for the next allocation, and pages of the
//!   program that were needed once, such as to start
//!
//! Sources: malloc_trim(3), madvise(2), proc_pid_smaps(5).

use crate::refusal;
use napi::bindgen_prelude::AsyncTask;
use napi::{Env, Task};
use napi_derive::napi;
use rustix::io::Errno;
use rustix::mm::{Advice, madvise};
use std::ops::Range;

/// `int malloc_trim(size_t pad)`, with nothing left at the top, and `int madvise(void *addr, size_t
/// length, MADV_DONTNEED)` of all that is mapped from files and was never written to. It stays in
/// the page cache, and what is used comes back by a minor fault.
///
/// By a thread beside JavaScript's: to look through all mappings takes milliseconds.
#[napi(ts_return_type = "Promise<void>")]
pub fn give_back_memory() -> AsyncTask<GiveBack> {
    AsyncTask::new(GiveBack)
}

pub struct GiveBack;

impl Task for GiveBack {
    type Output = ();
    type JsValue = ();

    fn compute(&mut self) -> napi::Result<()> {
        #[cfg(target_env = "gnu")]
        // SAFETY: it may be called at any time, by any thread.
        unsafe {
            libc::malloc_trim(0);
        }
        let told = std::fs::read_to_string("/proc/self/smaps")?;
        untouched(&told).into_iter().try_for_each(forget)
    }

    fn resolve(&mut self, _: Env, (): ()) -> napi::Result<()> {
        Ok(())
    }
}

fn forget(range: Range<usize>) -> napi::Result<()> {
    let place = std::ptr::without_provenance_mut(range.start);
    // SAFETY: no page of it is ours alone, so each fault brings the same bytes from the file, to
    // whichever thread; a mapping of a library goes away only with the process.
    match unsafe { madvise(place, range.len(), Advice::LinuxDontNeed) } {
        // Somebody has locked it into memory, and means it.
        Ok(()) | Err(Errno::INVAL) => Ok(()),
        Err(errno) => Err(refusal("madvise", format!("{range:x?}"))(errno)),
    }
}

/// Private mappings of files that cannot be written to and hold no page of their own: where the
/// linker has put addresses there are such pages, and they are in no file.
fn untouched(smaps: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut candidate = None;
    for line in smaps.lines() {
        if let Some((range, rest)) = mapping(line) {
            let is_file = rest.contains(" /") && !rest.ends_with(" (deleted)");
            candidate = (is_file && rest.starts_with('r') && &rest[1..2] == "-").then_some(range);
        } else if line.split_whitespace().eq(["Anonymous:", "0", "kB"]) {
            found.extend(candidate.take());
        }
    }
    found
}

/// `5581e000-5582f000 r-xp 00001000 fe:00 1234   /usr/bin/node`
fn mapping(line: &str) -> Option<(Range<usize>, &str)> {
    let (range, rest) = line.split_once(' ')?;
    let (start, end) = range.split_once('-')?;
    let number = |digits| usize::from_str_radix(digits, 16).ok();
    Some((number(start)?..number(end)?, rest))
}
