//! What a C library would have brought: the first instruction, memory, and an end for panics.
//!
//! - `_start`: the entry point; the stack is as the kernel left it
//! - [`Pages`]: an allocator that asks the kernel for pages and gives nothing back: this program
//!   lives for less than a millisecond, and `execve` frees everything at once
//! - `memcpy` and its relatives, which the compiler calls by name
//!
//! Nothing here allocates before it is asked to, and nothing starts a second thread. What
//! slipway-init does is in `lib.rs`.
#![no_std]
#![no_main]

// `build.ts` asks for a static program. Whoever only checks this file, as clippy does, checks the
// addon in the same run, and with it comes the standard library's own end for panics.
#[cfg(not(target_feature = "crt-static"))]
extern crate std;

use core::alloc::{GlobalAlloc, Layout};
use core::cell::{Cell, UnsafeCell};
use core::ffi::{CStr, c_char};
use core::ptr::null_mut;
use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous};
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

/// The free part of the youngest piece of memory, and the first piece right behind: what a usual
/// program needs lies on one or two pages.
#[repr(C, align(4096))]
struct Pages {
    next: Cell<usize>,
    end: Cell<usize>,
    first: UnsafeCell<[u8; FIRST]>,
}

const FIRST: usize = 64 * 1024 - 2 * size_of::<usize>();

/// At least this much at a time later on; the kernel fills in only the pages that are touched.
const PIECE: usize = 1 << 20;

#[global_allocator]
static PAGES: Pages = Pages {
    next: Cell::new(0),
    end: Cell::new(0),
    first: UnsafeCell::new([0; FIRST]),
};

// SAFETY: this process has one thread.
unsafe impl Sync for Pages {}

impl Pages {
    fn open_first(&self) {
        let start = self.first.get() as usize;
        self.next.set(start);
        self.end.set(start + FIRST);
    }

    fn take(&self, layout: Layout) -> Option<usize> {
        let start = self.next.get().checked_next_multiple_of(layout.align())?;
        let end = start.checked_add(layout.size())?;
        (end <= self.end.get()).then(|| {
            self.next.set(end);
            start
        })
    }

    fn grow(&self, layout: Layout) -> Option<()> {
        let size = layout.size().checked_add(layout.align())?.max(PIECE);
        let (access, kind) = (ProtFlags::READ | ProtFlags::WRITE, MapFlags::PRIVATE);
        // SAFETY: a new mapping, at a place that the kernel chooses.
        let piece = unsafe { mmap_anonymous(null_mut(), size, access, kind) }.ok()?;
        self.next.set(piece as usize);
        self.end.set(piece as usize + size);
        Some(())
    }
}

// SAFETY: what `take` returns lies inside one mapping, is aligned, and is never returned twice.
unsafe impl GlobalAlloc for Pages {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let taken = self.take(layout).or_else(|| {
            self.grow(layout)?;
            self.take(layout)
        });
        taken.map_or(null_mut(), |address| address as *mut u8)
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}

    unsafe fn realloc(&self, old: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let start = old as usize;
        // The youngest allocation grows where it is: so a text that is being written is not copied.
        let last = start + layout.size() == self.next.get();
        if last
            && start
                .checked_add(size)
                .is_some_and(|end| end <= self.end.get())
        {
            self.next.set(start + size);
            return old;
        }
        // SAFETY: the caller's promises about `old` and `size`; the new place is another one.
        unsafe {
            let new = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !new.is_null() {
                core::ptr::copy_nonoverlapping(old, new, size.min(layout.size()));
            }
            new
        }
    }
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
