//! The one thing that is waited for: a descriptor that has something to read, or is at its end.
//!
//! - [`when_readable`], [`when_ended`]: libuv's own poll, on the event loop that calls us
//!
//! Node sleeps in the loop's `epoll_wait` anyhow, so a report of slipway-init, its `execve` and its
//! end wake exactly one thread, and no thread of ours has to pass the word on: under a hypervisor
//! each such hop costs as much as an `execve`.
//!
//! A watch ends when its descriptor is ready, or when Node takes the environment down (the end of a
//! worker), and then the callback is never called. Its memory goes when the loop has closed the
//! handle, which asks nothing of an environment that may be gone by then.
//! Source: <https://docs.libuv.org/en/v1.x/poll.html>, whose ABI is stable within version 1.

use crate::refused;
use libc::{c_int, c_void};
use napi::bindgen_prelude::Function;
use napi::{Env, JsValue, sys};
use napi_derive::napi;
use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::ptr::{null, null_mut};

#[repr(C)]
struct Handle {
    _opaque: [u8; 0],
}

/// `uv_handle_type` and `uv_poll_event` of uv.h.
const UV_POLL: c_int = 8;
const UV_READABLE: c_int = 1;
const UV_DISCONNECT: c_int = 4;

unsafe extern "C" {
    fn uv_handle_size(kind: c_int) -> usize;
    fn uv_handle_set_data(handle: *mut Handle, data: *mut c_void);
    fn uv_handle_get_data(handle: *const Handle) -> *mut c_void;
    fn uv_poll_init(event_loop: *mut sys::uv_loop_s, handle: *mut Handle, fd: c_int) -> c_int;
    fn uv_poll_start(
        handle: *mut Handle,
        events: c_int,
        callback: unsafe extern "C" fn(*mut Handle, c_int, c_int),
    ) -> c_int;
    fn uv_close(handle: *mut Handle, callback: unsafe extern "C" fn(*mut Handle));
}

/// What belongs to one wait.
struct Watch {
    env: sys::napi_env,
    handle: *mut Handle,
    layout: Layout,
    callback: sys::napi_ref,
}

/// `int uv_poll_start(uv_poll_t *handle, UV_READABLE, uv_poll_cb cb)`: calls `ready` once, as soon
/// as `descriptor` can be read, has reached its end, or is broken.
///
/// The descriptor stays open and is watched by nobody else until then. libuv makes its open file
/// non-blocking.
#[napi]
pub fn when_readable(env: Env, descriptor: i32, ready: Function<(), ()>) -> napi::Result<()> {
    watch(env, descriptor, UV_READABLE, ready)
}

/// `int uv_poll_start(uv_poll_t *handle, UV_DISCONNECT, uv_poll_cb cb)`: as `whenReadable`, but
/// what can be read wakes nobody: only the other end's close does.
#[napi]
pub fn when_ended(env: Env, descriptor: i32, ready: Function<(), ()>) -> napi::Result<()> {
    watch(env, descriptor, UV_DISCONNECT, ready)
}

fn watch(env: Env, descriptor: i32, events: c_int, ready: Function<(), ()>) -> napi::Result<()> {
    let watch = open_watch(env.raw(), descriptor)?;
    // SAFETY: the environment is alive, the function is a value of it; the watch was just made.
    unsafe {
        let callback = &raw mut (*watch).callback;
        let status = sys::napi_create_reference(env.raw(), ready.raw(), 1, callback);
        debug_assert_eq!(status, sys::Status::napi_ok);
        sys::napi_add_env_cleanup_hook(env.raw(), Some(end), watch.cast());
        uv_poll_start((*watch).handle, events, on_readable);
    }
    Ok(())
}

fn open_watch(env: sys::napi_env, descriptor: i32) -> napi::Result<*mut Watch> {
    // SAFETY: libuv tells the size of its structure and fills it; on failure it keeps nothing.
    unsafe {
        let mut event_loop = null_mut();
        sys::napi_get_uv_event_loop(env, &raw mut event_loop);
        let layout = Layout::from_size_align_unchecked(uv_handle_size(UV_POLL), 16);
        let handle = alloc_zeroed(layout).cast::<Handle>();
        let result = uv_poll_init(event_loop, handle, descriptor);
        if result < 0 {
            dealloc(handle.cast(), layout);
            return Err(refused("epoll_ctl", "EPOLL_CTL_ADD", -result));
        }
        let watch = Box::into_raw(Box::new(Watch {
            env,
            handle,
            layout,
            callback: null_mut(),
        }));
        uv_handle_set_data(handle, watch.cast());
        Ok(watch)
    }
}

/// The loop's thread, with no JavaScript on its stack.
unsafe extern "C" fn on_readable(handle: *mut Handle, _status: c_int, _events: c_int) {
    // SAFETY: the handle's data is the watch that owns it, until `on_closed`. The callback is
    // fetched before anything is closed, and `napi_make_callback` runs the promises behind it.
    unsafe {
        let watch = uv_handle_get_data(handle).cast::<Watch>();
        let env = (*watch).env;
        let (mut scope, mut callback, mut global) = (null_mut(), null_mut(), null_mut());
        sys::napi_open_handle_scope(env, &raw mut scope);
        sys::napi_get_reference_value(env, (*watch).callback, &raw mut callback);
        sys::napi_get_global(env, &raw mut global);
        sys::napi_remove_env_cleanup_hook(env, Some(end), watch.cast());
        end(watch.cast());
        sys::napi_make_callback(env, null_mut(), global, callback, 0, null(), null_mut());
        // A worker that is being ended leaves its termination behind as an exception, which would
        // be found by the clean-up hooks, and they have no scope for it.
        let mut exception = null_mut();
        sys::napi_get_and_clear_last_exception(env, &raw mut exception);
        sys::napi_close_handle_scope(env, scope);
    }
}

/// The end of a watch, and Node's clean-up hook: once, on the environment's thread.
///
/// # Safety
/// `watch` is a [`Watch`] that has not ended.
unsafe extern "C" fn end(watch: *mut c_void) {
    let watch = watch.cast::<Watch>();
    // SAFETY: the caller's promise; the environment is alive, and a handle is closed once.
    unsafe {
        sys::napi_delete_reference((*watch).env, (*watch).callback);
        uv_close((*watch).handle, on_closed);
    }
}

unsafe extern "C" fn on_closed(handle: *mut Handle) {
    // SAFETY: the last use of the handle and of its watch.
    unsafe {
        let watch = Box::from_raw(uv_handle_get_data(handle).cast::<Watch>());
        dealloc(handle.cast(), watch.layout);
    }
}
