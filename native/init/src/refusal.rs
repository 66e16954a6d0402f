//! How a step says that the kernel refused: the call, its arguments as in C, the errno.
//!
//! - [`Refusal::of`]: for `map_err`, where the arguments are cheap to name
//! - [`Refusal::because`]: where init itself refuses, or knows more than the errno says
//! - [`Refusal::at`]: as it goes up the channel, its texts cut to what fits a report

use alloc::format;
use alloc::string::String;
use rustix::io::Errno;
use slipway_wire::{Failure, Reason};

/// The arguments of an `execve` may have megabytes; a person wants to see their beginning.
const LONGEST_TEXT: usize = 4096;

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

    /// The refusal as the parent is told it, at most [`LONGEST_TEXT`] bytes of each text.
    pub fn at(self, step: usize) -> Failure {
        let reason = match self.reason {
            Some(Reason::BadProgram { message }) => Some(Reason::BadProgram {
                message: shortened(message),
            }),
            other => other,
        };
        Failure {
            step,
            syscall: self.syscall.into(),
            args: shortened(self.args),
            errno: self.errno,
            reason,
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

fn shortened(mut text: String) -> String {
    let whole = text.len();
    if whole <= LONGEST_TEXT {
        return text;
    }
    let mut cut = LONGEST_TEXT;
    while !text.is_char_boundary(cut) {
        cut -= 1;
    }
    text.truncate(cut);
    text + &format!("… ({whole} bytes)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_arguments_are_cut_between_two_characters() {
        let failure = Refusal::of("execve", "ä".repeat(5000))(Errno::NOENT).at(3);
        assert_eq!(failure.args, "ä".repeat(2048) + "… (10000 bytes)");
        assert_eq!((failure.step, failure.errno), (3, 2));
    }

    #[test]
    fn short_arguments_stay_as_they_are() {
        let failure = Refusal::of("chdir", "\"/nowhere\"")(Errno::NOENT).at(0);
        assert_eq!(failure.args, "\"/nowhere\"");
    }
}
