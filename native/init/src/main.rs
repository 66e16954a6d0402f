//! What a C library would have brought: the first instruction, and an end for panics.
//!
//! - `_start`: the entry point; the stack is as the kernel left it
//! - `memcpy` and its relatives, which the compiler calls by name
//!
//! Nothing here allocates before it is asked to, and nothing starts a second thread. What
//! slipway-init does is in `lib.rs`, and where its memory comes from in `memory.rs`.
#![no_std]
#![no_main]

// `build.ts` asks for a static program. Whoever only checks this file, as clippy does, checks the
// addon in the same run, and with it comes the standard library's own end for panics.
#[cfg(not(target_feature = "crt-static"))]
extern crate std;

use core::ffi::{CStr, c_char};
use slipway_init::memory::Pages;
use slipway_init::{Title, kernel, live};
use slipway_wire::INIT_FAILED;

#[cfg(target_arch = "x86_64")]
#[unsafe(naked)]
#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    // The ABI wants the stack at a multiple of 16 before a call, and no frame above this one.
    core::arch::naked_asm!(
        "xor ebp, ebp",
        "mov rdi, rsp",
        "and rsp, -16",
        "call {main}",
        "ud2",
        main = sym enter
    )
}

#[cfg(target_arch = "aarch64")]
#[unsafe(naked)]
#[unsafe(no_mangle)]
extern "C" fn _start() -> ! {
    core::arch::naked_asm!(
        "mov x29, xzr",
        "mov x30, xzr",
        "mov x0, sp",
        "b {main}",
        main = sym enter
    )
}

#[global_allocator]
static PAGES: Pages = Pages::new();

/// `stack` is as the kernel left it: argc, the arguments, NULL, the environment, NULL.
///
/// # Safety
/// Called once, by `_start`.
unsafe extern "C" fn enter(stack: *const usize) -> ! {
    // SAFETY: the kernel's layout, in memory that stays as it is until `execve`.
    let environment = (unsafe { *stack } + 2..)
        .map(|place| unsafe { *stack.add(place) as *const c_char })
        .take_while(|string| !string.is_null())
        .map(|string| unsafe { CStr::from_ptr(string) });
    PAGES.open_first();
    // SAFETY: the first argument; all of them and the environment lie behind it in one piece.
    let title = Title::at(
        unsafe { *stack.add(1) as *mut u8 },
        environment.clone().last(),
    );
    live(environment, title);
    kernel::exit(INIT_FAILED)
}

/// The parent sees the end of the channel without `executing`, and says that init has ended.
#[cfg(target_feature = "crt-static")]
#[panic_handler]
fn end(_: &core::panic::PanicInfo<'_>) -> ! {
    kernel::exit(INIT_FAILED)
}

/// The parts of the standard library that come compiled call it where an unwinding would go on.
/// Nothing here ever unwinds.
#[cfg(target_feature = "crt-static")]
#[unsafe(no_mangle)]
extern "C" fn _Unwind_Resume() -> ! {
    kernel::exit(INIT_FAILED)
}

// The bytes are read and written volatile: the compiler would else see what these loops are, and
// replace each by a call of itself.

#[unsafe(no_mangle)]
unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
    // SAFETY: the caller's promise: both places hold `count` bytes.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        core::arch::asm!(
            "rep movsb",
            inout("rcx") count => _,
            inout("rdi") to => _,
            inout("rsi") from => _,
            options(nostack, preserves_flags),
        );
    }
    #[cfg(not(target_arch = "x86_64"))]
    for index in 0..count {
        // SAFETY: the caller's promise: both places hold `count` bytes.
        unsafe { to.add(index).write_volatile(from.add(index).read()) };
    }
    to
}

#[unsafe(no_mangle)]
unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, count: usize) -> *mut u8 {
    if (to as usize).wrapping_sub(from as usize) >= count {
        // SAFETY: going upwards never overwrites what is still to be read.
        return unsafe { memcpy(to, from, count) };
    }
    for index in (0..count).rev() {
        // SAFETY: the caller's promise: both places hold `count` bytes.
        unsafe { to.add(index).write_volatile(from.add(index).read()) };
    }
    to
}

#[unsafe(no_mangle)]
unsafe extern "C" fn memset(to: *mut u8, byte: i32, count: usize) -> *mut u8 {
    // SAFETY: the caller's promise: the place holds `count` bytes.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        core::arch::asm!(
            "rep stosb",
            inout("rcx") count => _,
            inout("rdi") to => _,
            in("al") byte as u8,
            options(nostack, preserves_flags),
        );
    }
    #[cfg(not(target_arch = "x86_64"))]
    for index in 0..count {
        // SAFETY: the caller's promise: the place holds `count` bytes.
        unsafe { to.add(index).write_volatile(byte as u8) };
    }
    to
}

#[unsafe(no_mangle)]
unsafe extern "C" fn memcmp(one: *const u8, other: *const u8, count: usize) -> i32 {
    for index in 0..count {
        // SAFETY: the caller's promise: both places hold `count` bytes.
        let (a, b) = unsafe {
            (
                one.add(index).read_volatile(),
                other.add(index).read_volatile(),
            )
        };
        if a != b {
            return i32::from(a) - i32::from(b);
        }
    }
    0
}

#[unsafe(no_mangle)]
unsafe extern "C" fn bcmp(one: *const u8, other: *const u8, count: usize) -> i32 {
    // SAFETY: the caller's promise.
    unsafe { memcmp(one, other, count) }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn strlen(text: *const core::ffi::c_char) -> usize {
    let mut length = 0;
    // SAFETY: the caller's promise: the text ends in a NUL byte.
    while unsafe { text.add(length).read_volatile() } != 0 {
        length += 1;
    }
    length
}
