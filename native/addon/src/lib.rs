//! The addon: the system calls that Node has not, for the parent's side of a container.
//!
//! - [`spawn`]: `clone3` of slipway-init with its program, streams, groups and descriptors
//! - [`channel`]: what init says, and the one byte back
//! - [`keeper`]: orders to the parent of a container that outlives us
//! - [`process`]: wait and signal by pidfd
//! - [`readable`]: the one asynchronous thing: a descriptor has something to read
//! - [`bpf`]: programs that a control group asks about devices
//! - [`filesystem`], [`mounts`]: mounts as descriptors
//! - [`files`]: many files in one call, some by a thread beside JavaScript's
//! - [`netlink`], [`sockets`]: the network, also in another namespace
//! - [`unpack`]: what xz and bzip2 have packed
//! - [`descriptors`], [`memory`]: sealed programs, window sizes; what was allocated, given back
//!
//! Nothing here decides anything, and no thread of Node's calls `unshare` or `setns`: a namespace
//! moves one thread, and whoever uses that next would be elsewhere. Every descriptor that leaves is
//! close-on-exec and belongs to the caller. A refusal of the kernel is thrown as JSON
//! `{syscall, args, errno}`, from which
//! `native/syscall-error.ts` makes the error that a person reads.

mod bpf;
mod channel;
mod descriptors;
mod files;
mod filesystem;
mod keeper;
mod memory;
mod mounts;
mod netlink;
mod process;
mod readable;
mod sockets;
mod spawn;
mod unpack;

/// The kernel's refusal of `syscall(args)`, as the TypeScript side expects it.
fn refused(syscall: &str, args: &str, errno: i32) -> napi::Error {
    let json = format!(
        r#"{{"syscall":{},"args":{},"errno":{errno}}}"#,
        quoted(syscall),
        quoted(args)
    );
    napi::Error::new(napi::Status::GenericFailure, json)
}

/// `text` as a string of JSON.
fn quoted(text: &str) -> String {
    let escaped = text.chars().map(|character| match character {
        '"' => "\\\"".to_owned(),
        '\\' => "\\\\".to_owned(),
        control if control < ' ' => format!("\\u{:04x}", control as u32),
        other => other.to_string(),
    });
    format!("\"{}\"", escaped.collect::<String>())
}

/// A function for `map_err`: an errno of rustix becomes a refusal of `syscall(args)`.
fn refusal(
    syscall: &'static str,
    args: impl Into<String>,
) -> impl Fn(rustix::io::Errno) -> napi::Error {
    let args = args.into();
    move |errno| refused(syscall, &args, errno.raw_os_error())
}

/// What `slipway-cradle` was refused, as the TypeScript side expects it.
fn thrown(refused: slipway_cradle::refused::Refused) -> napi::Error {
    crate::refused(refused.syscall, &refused.args, refused.errno)
}
