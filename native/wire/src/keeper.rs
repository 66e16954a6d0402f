//! The keeper's protocol: what a daemon and its containers' keepers say to each other.
//!
//! A keeper is slipway-init whose last step was `keep`. Its first connection is handed over with
//! the program. Once it has a place it listens at `keeper.sock` in that folder, too, for whoever
//! finds it there: an `AF_UNIX` socket of kind `SOCK_SEQPACKET`, one message a packet, JSON, with
//! descriptors beside it (`SCM_RIGHTS`). Orders go down, words come up.
//!
//! | the daemon orders     | descriptors      | the keeper               | answers             |
//! |-----------------------|------------------|--------------------------|---------------------|
//! | `place`               | a folder         | listens in it            | `done`              |
//! | `birth {name, …}`     | init, program, … | bears a child            | `born` + pidfd      |
//! | `settled {name, …}`   | pidfd, terminal  | follows the right child  | nothing             |
//! | `attach {name, sink}` | the sink         | copies output to it      | `done {sink}`       |
//! | `detach {name, sink}` |                  | forgets the sink         | nothing             |
//! | `input {name}`        |                  | has stdin or terminal    | `handed`, or `done` |
//! | `closeInput {name}`   |                  | closes its copy of stdin | `done`              |
//! | `hold {name}`         | what is held     | keeps it                 | `done`              |
//! | `held {name}`         |                  | has a duplicate          | `handed`, or `done` |
//! | `release {name}`      |                  | closes it                | `done`              |
//! | `bye`                 |                  | ends with its last child | the end of file     |
//!
//! An order that cannot be followed is answered by `refused {syscall, args, errno}`; answers come
//! in the order of the orders. A packet that is no order ends its connection, and nothing else.
//!
//! On every connection the keeper first says `hello`, `child` (with its pidfd) for each that it
//! has, and `known`. Unasked it says `ended` and `sinkEnded`, to all connections.
//!
//! A birth: the daemon keeps one end of the channel and follows the handshake as for a child of its
//! own (see the table in `lib.rs`); the program is a memfd that holds the strings of the
//! environment, each with its NUL. When the channel is at its end the daemon says `settled`: with
//! the process that a `fork` step has left, and with the master of the terminal. If the daemon goes
//! before, the child is as it is then; an init that still wants an answer ends.
//!
//! The end of a child, in this order: it is reaped; what its pipes hold goes to log and sinks;
//! `exit` is written in the folder (for the main child); every connection hears `ended`. Who reads
//! slowly delays `ended` by at most [`LONGEST_FAREWELL_MS`], and goes on being written to; a
//! process that lives on with the same pipes loses them then.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// The number of this protocol.
pub const KEEPER_VERSION: u32 = 1;
/// The socket's name in the keeper's folder.
pub const SOCKET: &str = "keeper.sock";
/// The file in the keeper's folder that tells how the main child ended: the JSON of [`Ending`].
pub const EXIT_FILE: &str = "exit";
/// No order is longer.
pub const LONGEST_ORDER: usize = 64 * 1024;
/// A packet carries no more descriptors: the kernel's `SCM_MAX_FD`.
pub const MOST_DESCRIPTORS: usize = 253;
/// No program is longer: two megabytes is what `execve` takes, and JSON may double a text.
pub const LONGEST_PROGRAM: usize = 8 << 20;
/// So long after a child's end somebody may still read, or write, its streams.
pub const LONGEST_FAREWELL_MS: u64 = 2000;

/// Where a `birth` has its descriptors; what `descriptors` counts stands behind these.
pub const INIT_AT: usize = 0;
pub const PROGRAM_AT: usize = 1;
pub const CHANNEL_AT: usize = 2;

#[derive(Debug, Deserialize)]
#[serde(
    tag = "order",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
#[serde(deny_unknown_fields)]
pub enum Order {
    /// The first, and once: before it there is no birth.
    Place,
    Birth(BirthOrder),
    /// The handshake is over. `pid` is the process that the program's forks have led to.
    Settled {
        name: String,
        pid: Option<i32>,
        has_terminal: bool,
        has_failed: bool,
    },
    Attach {
        name: String,
        sink: SinkOrder,
    },
    Detach {
        name: String,
        sink: u32,
    },
    Input {
        name: String,
    },
    CloseInput {
        name: String,
    },
    Hold {
        name: String,
    },
    Held {
        name: String,
    },
    Release {
        name: String,
    },
    Bye,
}

/// A number where a descriptor is meant is its place in the packet.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BirthOrder {
    pub name: String,
    /// `CLONE_NEW*` flags.
    pub flags: u32,
    /// How many `fork` steps the program has: so often its process may end and leave a child.
    pub forks: u32,
    pub is_main: bool,
    /// For 0, 1 and 2: -2 for `/dev/null`, -3 for a pipe of the keeper's, else a place.
    pub stdio: Vec<i32>,
    /// The places of the descriptors that steps name by index.
    pub descriptors: Vec<u32>,
    pub cgroups: Vec<String>,
    pub log: Option<LogOrder>,
    pub sinks: Vec<SinkOrder>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LogOrder {
    /// The place of the folder's descriptor.
    pub folder: u32,
    pub file: String,
    /// 0: never rotated.
    pub max_bytes: u64,
    pub max_files: u32,
    /// A JSON object, or empty.
    pub attributes: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SinkOrder {
    pub descriptor: u32,
    pub stdout: bool,
    pub stderr: bool,
    /// Docker's header of eight bytes before each piece.
    pub is_framed: bool,
    /// `shutdown(SHUT_WR)` behind the last byte.
    pub shuts_down: bool,
}

/// What a keeper says. Times are nanoseconds since 1970, as text: JSON's numbers are too short.
#[derive(Debug, Serialize)]
#[serde(
    tag = "type",
    rename_all = "camelCase",
    rename_all_fields = "camelCase"
)]
pub enum Word<'a> {
    Hello {
        version: u32,
        pid: i32,
    },
    Child {
        name: &'a str,
        pid: i32,
        started_at_ns: &'a str,
        has_terminal: bool,
    },
    Known,
    Born {
        pid: i32,
        started_at_ns: &'a str,
        sinks: &'a [u32],
    },
    Done {
        sink: Option<u32>,
    },
    Handed,
    Refused {
        syscall: &'a str,
        args: &'a str,
        errno: i32,
    },
    Ended(Ending<'a>),
    SinkEnded {
        name: &'a str,
        sink: u32,
        how: Farewell,
    },
}

/// How a child ended; alone it is the line of the file `exit`.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ending<'a> {
    pub name: &'a str,
    pub pid: i32,
    /// The exit status of a process that ended by itself, or -1.
    pub code: i32,
    /// The signal that ended it, or 0.
    pub signal: i32,
    pub started_at_ns: &'a str,
    pub finished_at_ns: &'a str,
    pub lost_lines: u64,
}

/// How a sink ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Farewell {
    /// It has got every byte.
    Drained,
    /// Its reader has gone.
    Broken,
    Detached,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_are_told_apart_and_unknown_ones_refused() {
        let attach = r#"{"order":"attach","name":"a","sink":{"descriptor":0,"stdout":true,
            "stderr":false,"isFramed":true,"shutsDown":false}}"#;
        assert!(matches!(
            serde_json::from_str(attach),
            Ok(Order::Attach { .. })
        ));
        assert!(serde_json::from_str::<Order>(r#"{"order":"dance"}"#).is_err());
        assert!(serde_json::from_str::<Order>(r#"{"order":"input","nam":"a"}"#).is_err());
        assert!(matches!(
            serde_json::from_str(r#"{"order":"bye"}"#),
            Ok(Order::Bye)
        ));
    }
}
