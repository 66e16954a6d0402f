//! The addon: the system calls that Node has not, for the parent's side of a container.
//!
//! - [`spawn`]: `clone3` of slipway-init with its program, streams and descriptors
//! - [`channel`]: what init says, and the one byte back
//! - [`process`]: wait and signal by pidfd
//! - [`descriptors`]: pipes, sealed programs, open namespaces, window sizes
//!
//! Nothing here decides anything, and nothing here calls `unshare` or `setns`: Node has many
//! threads, and a namespace moves one. Every descriptor that leaves is close-on-exec and belongs
//! to the caller. A refusal of the kernel is thrown as JSON `{syscall, args, errno}`, from which
//! `native/syscall-error.ts` makes the error that a person reads.

mod channel;
mod clone;
mod descriptors;
mod process;
mod spawn;

use napi_derive::module_init;

/// Gives napi a runtime of one thread: it only ever waits for descriptors.
#[module_init]
fn init() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("slipway")
        .enable_io()
        .build();
    if let Ok(runtime) = runtime {
        napi::bindgen_prelude::create_custom_tokio_runtime(runtime);
    }
}

/// The kernel's refusal of `syscall(args)`, as the TypeScript side expects it.
fn refused(syscall: &str, args: &str, errno: i32) -> napi::Error {
    let args = args.replace('\\', "\\\\").replace('"', "\\\"");
    let json = format!(r#"{{"syscall":"{syscall}","args":"{args}","errno":{errno}}}"#);
    napi::Error::new(napi::Status::GenericFailure, json)
}

/// A function for `map_err`: an errno of rustix becomes a refusal of `syscall(args)`.
fn refusal(
    syscall: &'static str,
    args: impl Into<String>,
) -> impl Fn(rustix::io::Errno) -> napi::Error {
    let args = args.into();
    move |errno| refused(syscall, &args, errno.raw_os_error())
}
