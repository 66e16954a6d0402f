//! Memory that nobody uses any more, back to the kernel.
//!
//! - [`trim_memory`]: what the C library keeps for the next allocation
//!
//! Source: malloc_trim(3).

use napi_derive::napi;

/// `int malloc_trim(size_t pad)`, with nothing left at the top.
#[napi]
pub fn trim_memory() {
    #[cfg(target_env = "gnu")]
    // SAFETY: it may be called at any time, by any thread.
    unsafe {
        libc::malloc_trim(0);
    }
}
