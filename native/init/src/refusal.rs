//! How a step says that the kernel refused: the call, its arguments as in C, the errno.
//!
//! - [`Refusal::of`]: for `map_err`, where the arguments are cheap to name
//! - [`Refusal::because`]: where init itself refuses, or knows more than the errno says

use rustix::io::Errno;
use slipway_wire::Reason;

pub struct Refusal {
    pub syscall: &'static str,
    pub args: String,
    pub errno: i32,
    pub reason: Option<Reason>,
}

impl Refusal {
    /// A function that turns an errno of `syscall(args)` into a refusal.
    pub fn of(syscall: &'static str, args: impl Into<String>) -> impl FnOnce(Errno) -> Self {
        move |errno| Self {
            syscall,
            args: args.into(),
            errno: errno.raw_os_error(),
            reason: None,
        }
    }

    /// A refusal by init itself, before any system call.
    pub fn because(reason: Reason) -> Self {
        Self {
            syscall: "slipway-init",
            args: String::new(),
            errno: 0,
            reason: Some(reason),
        }
    }
}

/// The errno of the C library's last call, for the calls that rustix does not wrap.
pub fn last_errno() -> Errno {
    Errno::from_io_error(&std::io::Error::last_os_error()).unwrap_or(Errno::IO)
}
