//! What xz and bzip2 have packed, a piece at a time, by a thread beside JavaScript's.
//!
//! - [`Unpacker`]: one source; [`Unpacker::step`] takes some of it and makes some of what it was
//!
//! Several streams one after the other are one source, as xz(1) and bzip2(1) have it. Both check
//! themselves. An error says in the programs' words what is wrong with the bytes.
//! Sources: lzma/base.h, lzma/container.h, bzlib.h.

use bzip2::Decompress;
use liblzma::stream::{Action, CONCATENATED, Error, Status, Stream};
use napi::bindgen_prelude::{AsyncTask, Uint8Array};
use napi::{Env, Task};
use napi_derive::napi;
use std::sync::{Arc, Mutex, PoisonError};

/// `xz -9` makes what needs half of it.
const MOST_MEMORY: u64 = 128 << 20;

enum Decoder {
    Xz(Stream),
    /// And whether something of a stream has been taken.
    Bzip2(Decompress, bool),
}

type Shared = Arc<Mutex<Option<Decoder>>>;

#[napi]
pub struct Unpacker(Shared);

#[napi]
impl Unpacker {
    /// `lzma_ret lzma_stream_decoder(lzma_stream *strm, uint64_t memlimit, uint32_t flags)` or
    /// `int BZ2_bzDecompressInit(bz_stream *strm, int verbosity, int small)`.
    #[napi(constructor)]
    pub fn new(#[napi(ts_arg_type = "'xz' | 'bzip2'")] packing: String) -> napi::Result<Self> {
        let decoder = match packing.as_str() {
            "xz" => Decoder::Xz(
                Stream::new_stream_decoder(MOST_MEMORY, CONCATENATED)
                    .map_err(|error| broken(in_words(&error)))?,
            ),
            _ => Decoder::Bzip2(Decompress::new(false), false),
        };
        Ok(Self(Arc::new(Mutex::new(Some(decoder)))))
    }

    /// `lzma_ret lzma_code(lzma_stream *strm, lzma_action action)` or
    /// `int BZ2_bzDecompress(bz_stream *strm)`: how many bytes of `packed` were taken, and how many
    /// stand in `room` now. `packed` is empty when there is no more, and then nothing made is the
    /// end. Neither may be touched meanwhile.
    #[napi(ts_return_type = "Promise<[taken: number, made: number]>")]
    pub fn step(&self, packed: Uint8Array, room: Uint8Array) -> AsyncTask<Step> {
        let decoder = Arc::clone(&self.0);
        AsyncTask::new(Step {
            decoder,
            packed,
            room,
        })
    }

    /// `void lzma_end(lzma_stream *strm)` or `int BZ2_bzDecompressEnd(bz_stream *strm)`: their
    /// memory, of which the collector knows nothing.
    #[napi]
    pub fn close(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

pub struct Step {
    decoder: Shared,
    packed: Uint8Array,
    room: Uint8Array,
}

impl Task for Step {
    type Output = (usize, usize);
    type JsValue = Vec<u32>;

    fn compute(&mut self) -> napi::Result<Self::Output> {
        let mut decoder = self.decoder.lock().unwrap_or_else(PoisonError::into_inner);
        let packed: &[u8] = &self.packed;
        // SAFETY: JavaScript leaves it alone until this has ended.
        let room = unsafe { self.room.as_mut() };
        let (taken, made) = match decoder.as_mut() {
            Some(Decoder::Xz(stream)) => xz(stream, packed, room)?,
            Some(Decoder::Bzip2(stream, begun)) => bzip2(stream, begun, packed, room)?,
            None => (0, 0),
        };
        if taken == 0 && made == 0 && !packed.is_empty() {
            return Err(broken("no progress is possible"));
        }
        Ok((taken, made))
    }

    fn resolve(&mut self, _: Env, (taken, made): Self::Output) -> napi::Result<Self::JsValue> {
        Ok(vec![taken as u32, made as u32])
    }
}

fn xz(stream: &mut Stream, packed: &[u8], room: &mut [u8]) -> napi::Result<(usize, usize)> {
    let before = (stream.total_in(), stream.total_out());
    let action = if packed.is_empty() {
        Action::Finish
    } else {
        Action::Run
    };
    let status = stream
        .process(packed, room, action)
        .map_err(|error| broken(in_words(&error)))?;
    let taken = (stream.total_in() - before.0) as usize;
    let made = (stream.total_out() - before.1) as usize;
    if packed.is_empty() && made == 0 && !matches!(status, Status::StreamEnd) {
        return Err(broken(CUT_OFF));
    }
    Ok((taken, made))
}

fn bzip2(
    stream: &mut Decompress,
    begun: &mut bool,
    packed: &[u8],
    room: &mut [u8],
) -> napi::Result<(usize, usize)> {
    let before = (stream.total_in(), stream.total_out());
    let status = stream
        .decompress(packed, room)
        .map_err(|error| match error {
            bzip2::Error::DataMagic => broken("file format not recognized"),
            _ => broken("compressed data is corrupt"),
        })?;
    let taken = (stream.total_in() - before.0) as usize;
    let made = (stream.total_out() - before.1) as usize;
    *begun |= taken > 0;
    if status == bzip2::Status::StreamEnd {
        *stream = Decompress::new(false);
        *begun = false;
    } else if packed.is_empty() && made == 0 && *begun {
        return Err(broken(CUT_OFF));
    }
    Ok((taken, made))
}

const CUT_OFF: &str = "unexpected end of input";

fn in_words(error: &Error) -> &'static str {
    match error {
        Error::Data => "compressed data is corrupt",
        Error::Format => "file format not recognized",
        Error::Options | Error::UnsupportedCheck => "unsupported options",
        Error::MemLimit | Error::Mem => "more memory would be needed than it may have",
        _ => "internal error",
    }
}

fn broken(what: &str) -> napi::Error {
    napi::Error::new(napi::Status::InvalidArg, what)
}
