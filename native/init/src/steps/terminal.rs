//! A terminal of the container's own. Sources: pts(4), ioctl_tty(2), unix(7) for SCM_RIGHTS.

use crate::{Context, refusal::Refusal};
use alloc::format;
use rustix::fs::{Mode, OFlags};
use rustix::pty::OpenptFlags;
use rustix::termios::Winsize;
use slipway_wire::Report;

/// `int open("<devpts>/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)`, then `TIOCSPTLCK`, `TIOCSWINSZ`,
/// `TIOCGPTPEER`, `setsid`, `TIOCSCTTY`, and `dup2` onto 0, 1 and 2.
///
/// The pair comes from the devpts that the container sees, so its `tty` and `/dev/pts` agree. The
/// slave is taken from the master (`TIOCGPTPEER`), never by its path: a path inside a container
/// may lead elsewhere. The size is set before the application can ask for it.
pub fn open_terminal(
    context: &Context,
    devpts: &str,
    rows: u16,
    columns: u16,
) -> Result<(), Refusal> {
    let ptmx = format!("{devpts}/ptmx");
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let master = rustix::fs::open(&ptmx, flags, Mode::empty()).map_err(Refusal::of(
        "open",
        format!("{ptmx:?}, O_RDWR|O_NOCTTY|O_CLOEXEC"),
    ))?;
    rustix::pty::unlockpt(&master).map_err(Refusal::of("ioctl", "TIOCSPTLCK"))?;
    let size = Winsize {
        ws_row: rows,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    rustix::termios::tcsetwinsize(&master, size).map_err(Refusal::of("ioctl", "TIOCSWINSZ"))?;
    let peer_flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let slave = rustix::pty::ioctl_tiocgptpeer(&master, peer_flags)
        .map_err(Refusal::of("ioctl", "TIOCGPTPEER"))?;
    rustix::process::setsid().map_err(Refusal::of("setsid", ""))?;
    rustix::process::ioctl_tiocsctty(&slave).map_err(Refusal::of("ioctl", "TIOCSCTTY"))?;
    context
        .channel
        .hand_over(&Report::Terminal { step: context.step }, &master);
    rustix::stdio::dup2_stdin(&slave).map_err(Refusal::of("dup2", "slave, 0"))?;
    rustix::stdio::dup2_stdout(&slave).map_err(Refusal::of("dup2", "slave, 1"))?;
    rustix::stdio::dup2_stderr(&slave).map_err(Refusal::of("dup2", "slave, 2"))
}
