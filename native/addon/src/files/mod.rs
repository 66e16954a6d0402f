//! Many files in one call, each reached by descriptor beneath a folder.
//!
//! - [`batch`]: instructions that make files; [`writer`]: the same by a thread of its own
//! - [`reader`]: what lies in files, read by such a thread; [`list`]: what lies in a folder
//! - [`writes`]: values into the files of control groups
//! - [`form`]: how lists are written; [`beneath`]: how names are reached; [`worker`]: the thread

mod batch;
pub mod beneath;
mod form;
mod list;
mod reader;
mod worker;
mod writer;
mod writes;
