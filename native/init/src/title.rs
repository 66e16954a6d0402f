//! What `ps` shows of an init that stays.
//!
//! - [`Title`]: the memory in which the kernel looks for it
//!
//! `/proc/PID/cmdline` is read from the process's own memory, where its arguments were put at the
//! start. If the last of those bytes is no NUL, the kernel takes what is there, up to the next NUL,
//! for a title that the process has written over its arguments and its environment.
//! Source: setproctitle(3bsd), get_mm_cmdline() in the kernel.

use core::ffi::CStr;

/// Arguments and environment, one behind the other.
pub struct Title {
    start: *mut u8,
    length: usize,
}

impl Title {
    /// From the first argument to the end of `last`, the last string of the environment.
    pub fn at(start: *mut u8, last: Option<&CStr>) -> Self {
        let end = last.map_or(start as usize, |text| {
            text.as_ptr() as usize + text.count_bytes()
        });
        Self {
            start,
            length: end.saturating_sub(start as usize),
        }
    }

    /// Writes `text` there, as far as it fits, and NULs behind it. The program that was handed over
    /// in the environment is gone with it.
    ///
    /// # Safety
    /// Nothing refers to the arguments or the environment any more.
    pub unsafe fn write(&self, text: &[u8]) {
        for index in 0..self.length {
            let byte = text.get(index).copied().unwrap_or(0);
            // SAFETY: inside of the memory that `at` was told of, which is writable.
            unsafe { self.start.add(index).write_volatile(byte) };
        }
    }
}
