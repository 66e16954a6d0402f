//! `clone3` in the manner of `vfork`: the child borrows our memory until it executes init.
//!
//! `CLONE_VM | CLONE_VFORK` makes the start independent of the parent's size: no page table is
//! copied, and this thread sleeps until the child has called `execveat` or has ended. The price is
//! that the child runs in *our* memory. So it runs on a stack of its own, makes raw system calls
//! only, allocates nothing, and every signal is blocked while it lives: a handler of the parent's
//! run by the child would run on the parent's own data.
//!
//! - [`vfork_into`]: the clone itself; returns the pid and leaves the pidfd in `args`
//!
//! Sources: clone(2), vfork(2); the child's entry is written in assembly because no stack frame of
//! ours may be returned from twice.

use crate::syscall::syscall;
use alloc::vec;
use core::arch::asm;
use core::ffi::c_void;
use linux_raw_sys::general as raw;

/// Bytes of stack for a child that makes a few system calls.
const STACK_SIZE: usize = 16 * 1024;

/// `long syscall(SYS_clone3, struct clone_args *cl_args, size_t size)`
///
/// Runs `child(argument)` in a new process that shares this memory; returns when it has executed
/// a program or ended. The result is the pid, or a negative errno.
///
/// # Safety
/// `child` makes only async-signal-safe calls and never returns, and everything that `argument`
/// leads to outlives this call.
pub unsafe fn vfork_into(
    args: &mut raw::clone_args,
    child: unsafe extern "C" fn(*mut c_void) -> !,
    argument: *mut c_void,
) -> isize {
    let mut stack = vec![0u128; STACK_SIZE / 16];
    args.flags |= u64::from(raw::CLONE_VM | raw::CLONE_VFORK);
    args.stack = stack.as_mut_ptr() as u64;
    args.stack_size = STACK_SIZE as u64;
    let before = set_signal_mask(u64::MAX);
    // SAFETY: the caller's promise; the stack lives until the call returns.
    let result = unsafe { clone3(args, child, argument) };
    set_signal_mask(before);
    drop(stack);
    result
}

/// `int rt_sigprocmask(SIG_SETMASK, const sigset_t *set, sigset_t *oldset, size_t sigsetsize)`
fn set_signal_mask(mask: u64) -> u64 {
    let mut before = 0u64;
    let arguments = [
        raw::SIG_SETMASK as usize,
        &raw const mask as usize,
        &raw mut before as usize,
        size_of::<u64>(),
        0,
    ];
    // SAFETY: the kernel reads one set and fills the other. It cannot fail: the size is right.
    let _ = unsafe { syscall(raw::__NR_rt_sigprocmask, arguments) };
    before
}

#[cfg(target_arch = "x86_64")]
unsafe fn clone3(
    args: &raw::clone_args,
    child: unsafe extern "C" fn(*mut c_void) -> !,
    argument: *mut c_void,
) -> isize {
    let result: isize;
    // SAFETY: only the child takes the branch, on its own stack, and it never comes back.
    unsafe {
        asm!(
            "syscall",
            "test rax, rax",
            "jnz 2f",
            "xor ebp, ebp",
            "mov rdi, r9",
            "call r8",
            "ud2",
            "2:",
            inlateout("rax") raw::__NR_clone3 as usize as isize => result,
            in("rdi") args,
            in("rsi") size_of::<raw::clone_args>(),
            in("r8") child,
            in("r9") argument,
            lateout("rcx") _,
            lateout("r11") _,
        );
    }
    result
}

#[cfg(target_arch = "aarch64")]
unsafe fn clone3(
    args: &raw::clone_args,
    child: unsafe extern "C" fn(*mut c_void) -> !,
    argument: *mut c_void,
) -> isize {
    let result: isize;
    // SAFETY: only the child takes the branch, on its own stack, and it never comes back.
    unsafe {
        asm!(
            "svc #0",
            "cbnz x0, 2f",
            "mov x29, xzr",
            "mov x0, x3",
            "blr x2",
            "brk #1",
            "2:",
            inlateout("x0") args as *const raw::clone_args => result,
            in("x1") size_of::<raw::clone_args>(),
            in("x2") child,
            in("x3") argument,
            in("x8") raw::__NR_clone3 as usize,
            lateout("x30") _,
        );
    }
    result
}
