//! The last step: the application takes our place, or we say exactly why it could not.
//!
//! - [`exec`]: search `PATH`, close what is ours, `execve`
//!
//! Sources: execve(2), environ(7), exec(3) for the search.

use super::blame::reason_for;
use super::identity::follow_parent_to_death;
use crate::{Context, kernel, refusal::Refusal};
use alloc::borrow::ToOwned;
use alloc::ffi::CString;
use alloc::string::String;
use alloc::vec::Vec;
use alloc::{format, vec};
use core::ffi::CStr;
use rustix::io::Errno;
use slipway_wire::{MOST_TIMINGS, Reason, Report};

/// What `execvp` uses where the environment has no `PATH`; Docker's default is the same.
const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// `int execve(const char *path, char *const argv[], char *const envp[])`
///
/// Returns only if it was refused. Every descriptor but 0, 1 and 2 is closed by the kernel in the
/// moment of success, so that a refusal can still be told on the channel.
pub fn exec(context: &mut Context, argv: &[String], env: &[String]) -> Refusal {
    if let Err(refusal) = follow_parent_to_death(context) {
        return refusal;
    }
    let Some(program) = argv.first() else {
        return Refusal::of("execve", "no program")(Errno::INVAL);
    };
    let (Some(arguments), Some(environment)) = (strings(argv), strings(env)) else {
        return Refusal::of("execve", "an argument with a NUL byte")(Errno::INVAL);
    };
    if let Err(errno) = kernel::close_at_exec_from(3) {
        return Refusal::of("close_range", "3, ~0U, CLOSE_RANGE_CLOEXEC")(errno);
    }
    let mut timings_ns = core::mem::take(&mut context.timings_ns);
    timings_ns.truncate(MOST_TIMINGS);
    context.channel.say(&Report::Executing { timings_ns });
    let candidates = candidates(program, env);
    let (mut path, errno) = try_each(&candidates, &arguments, &environment);
    let reason = reason_for(&path, errno, &candidates);
    if matches!(reason, Some(Reason::NotFound { .. })) {
        // No one of the places that were searched is more to blame than the others.
        path.clone_from(program);
    }
    Refusal {
        syscall: "execve",
        args: format!("{path:?}, {argv:?}"),
        errno: errno.raw_os_error(),
        reason,
    }
}

/// The refusal that says most, and the path that got it.
fn try_each(candidates: &[String], argv: &[CString], env: &[CString]) -> (String, Errno) {
    let arguments: Vec<&CStr> = argv.iter().map(CString::as_c_str).collect();
    let environment: Vec<&CStr> = env.iter().map(CString::as_c_str).collect();
    let mut refused = (String::new(), Errno::NOENT);
    for candidate in candidates {
        let errno = match CString::new(candidate.as_str()) {
            Ok(path) => kernel::execve(&path, &arguments, &environment),
            Err(_) => Errno::INVAL,
        };
        // As execvp: go on while nothing is there, but remember a file that may not be run.
        let absent = matches!(errno, Errno::NOENT | Errno::NOTDIR);
        if !absent || refused.1 == Errno::NOENT {
            refused = (candidate.clone(), errno);
        }
        if !absent && errno != Errno::ACCESS {
            break;
        }
        if errno == Errno::NOENT && rustix::fs::stat(candidate.as_str()).is_ok() {
            break;
        }
    }
    refused
}

/// The paths to try for `program`: itself if it holds a slash, else one for each folder of `PATH`.
fn candidates(program: &str, env: &[String]) -> Vec<String> {
    if program.contains('/') || program.is_empty() {
        return vec![program.to_owned()];
    }
    let search = env.iter().find_map(|entry| entry.strip_prefix("PATH="));
    search
        .unwrap_or(DEFAULT_PATH)
        .split(':')
        .map(|folder| format!("{}/{program}", if folder.is_empty() { "." } else { folder }))
        .collect()
}

fn strings(texts: &[String]) -> Option<Vec<CString>> {
    texts
        .iter()
        .map(|text| CString::new(text.as_str()).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(program: &str, env: &[&str]) -> Vec<String> {
        let env: Vec<String> = env.iter().map(|entry| (*entry).to_owned()).collect();
        candidates(program, &env)
    }

    #[test]
    fn a_name_with_a_slash_is_not_searched_for() {
        assert_eq!(paths("./sh", &["PATH=/bin"]), ["./sh"]);
        assert_eq!(paths("", &["PATH=/bin"]), [""]);
    }

    #[test]
    fn a_plain_name_is_looked_for_in_every_folder_of_the_environment_it_will_get() {
        assert_eq!(paths("sh", &["A=1", "PATH=/x:/y"]), ["/x/sh", "/y/sh"]);
    }

    #[test]
    fn an_empty_folder_of_path_is_the_working_directory() {
        assert_eq!(paths("sh", &["PATH=:/y:"]), ["./sh", "/y/sh", "./sh"]);
    }

    #[test]
    fn without_path_the_usual_folders_are_searched() {
        let searched = paths("sh", &["PATHS=/x"]);
        assert_eq!(searched.len(), 6);
        assert_eq!(searched.last().map(String::as_str), Some("/bin/sh"));
    }

    #[test]
    fn of_two_refusals_the_one_about_a_file_that_is_there_is_remembered() {
        let candidates = ["/nowhere/x".to_owned(), "/proc/self/status".to_owned()];
        let (path, errno) = try_each(&candidates, &[], &[]);
        assert_eq!((path.as_str(), errno), ("/proc/self/status", Errno::ACCESS));
    }
}
