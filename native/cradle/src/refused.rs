//! How the parent's side says that the kernel refused: the call, its arguments as in C, the errno.

use alloc::string::String;
use rustix::io::Errno;

#[derive(Debug)]
pub struct Refused {
    pub syscall: &'static str,
    pub args: String,
    pub errno: i32,
}

/// A function for `map_err`: an errno becomes a refusal of `syscall(args)`.
pub fn refusal(syscall: &'static str, args: impl Into<String>) -> impl FnOnce(Errno) -> Refused {
    move |errno| Refused {
        syscall,
        args: args.into(),
        errno: errno.raw_os_error(),
    }
}
