//! The system call itself, for those that rustix does not wrap, or wraps only for use with a C
//! library. Source: syscall(2).

use rustix::io::Errno;

/// `long syscall(long number, ...)`
///
/// # Safety
/// As unsafe as the call that `number` names.
#[cfg(target_arch = "x86_64")]
pub unsafe fn syscall(number: u32, arguments: [usize; 5]) -> Result<usize, Errno> {
    let result: isize;
    // SAFETY: the caller's promise; the kernel destroys rcx and r11 and nothing else.
    unsafe {
        core::arch::asm!(
            "syscall",
            inlateout("rax") number as usize as isize => result,
            in("rdi") arguments[0],
            in("rsi") arguments[1],
            in("rdx") arguments[2],
            in("r10") arguments[3],
            in("r8") arguments[4],
            lateout("rcx") _,
            lateout("r11") _,
        );
    }
    answer(result)
}

/// `long syscall(long number, ...)`
///
/// # Safety
/// As unsafe as the call that `number` names.
#[cfg(target_arch = "aarch64")]
pub unsafe fn syscall(number: u32, arguments: [usize; 5]) -> Result<usize, Errno> {
    let result: isize;
    // SAFETY: the caller's promise; the kernel destroys no register but x0.
    unsafe {
        core::arch::asm!(
            "svc #0",
            in("x8") number as usize,
            inlateout("x0") arguments[0] as isize => result,
            in("x1") arguments[1],
            in("x2") arguments[2],
            in("x3") arguments[3],
            in("x4") arguments[4],
        );
    }
    answer(result)
}

fn answer(result: isize) -> Result<usize, Errno> {
    match result {
        -4095..0 => Err(Errno::from_raw_os_error(-result as i32)),
        value => Ok(value as usize),
    }
}
