//! The steps: from a line of the program to the system calls that it stands for.
//!
//! One file a family. A new step is a variant in `slipway-wire`, a line here, and a function
//! beside its relatives whose doc comment opens with the C prototype.

mod blame;
mod exec;
pub mod identity;
mod limits;
mod mounts;
mod namespaces;
mod rights;
mod roots;
mod supervise;
mod terminal;

use crate::{Context, refusal::Refusal};
use slipway_wire::{Report, Step};

/// Runs one step of `program`. `Exec` and `Keep` return only if they were refused.
pub fn run(context: &mut Context, step: &Step, program: &[Step]) -> Result<(), Refusal> {
    match step {
        Step::Barrier { name } => {
            context.channel.say(&Report::Barrier {
                step: context.step,
                name: name.clone(),
            });
            context.channel.wait_for_go();
            Ok(())
        }
        Step::Unshare { namespaces } => namespaces::unshare(namespaces),
        Step::Setns {
            descriptor,
            namespaces,
        } => namespaces::setns(context, *descriptor, namespaces),
        Step::SetTimeOffsets {
            monotonic_seconds,
            boottime_seconds,
        } => namespaces::set_time_offsets(*monotonic_seconds, *boottime_seconds),
        Step::Fork { namespaces } => namespaces::fork(context, namespaces),
        Step::SetHostname { name } => identity::set_hostname(name),
        Step::SetDomainname { name } => identity::set_domainname(name),
        Step::SetPropagation {
            target,
            propagation,
            recursive,
        } => mounts::set_propagation(target, *propagation, *recursive),
        Step::Mount {
            source,
            target,
            fs_type,
            flags,
            data,
        } => mounts::mount(context, source, target, fs_type, flags, data),
        Step::MountProc { target } => mounts::mount_proc(context, target),
        Step::Attach { descriptor, target } => roots::attach(context, *descriptor, target),
        Step::PivotRoot => roots::pivot_root(context),
        Step::ChangeRoot { path } => roots::change_root(path),
        Step::MakeRootReadOnly => roots::make_root_read_only(context),
        Step::MaskPaths { paths } => roots::mask_paths(context, paths),
        Step::ProtectPaths { paths } => roots::protect_paths(context, paths),
        Step::MakeDevice {
            path,
            major,
            minor,
            mode,
            owner,
        } => roots::make_device(context, path, (*major, *minor), *mode, *owner),
        Step::MakeLink { path, target } => roots::make_link(context, path, target),
        Step::MakeFolder { path } => roots::make_folder(context, path),
        Step::SetSysctl { name, value } => limits::set_sysctl(context, name, value),
        Step::SetOomScore { score } => limits::set_oom_score(*score),
        Step::SetRlimit {
            resource,
            soft,
            hard,
        } => limits::set_rlimit(*resource, *soft, *hard),
        Step::SetUmask { mask } => limits::set_umask(*mask),
        Step::StayAsInit => supervise::stay_as_init(context, program.last()),
        Step::SetIds { uid, gid, groups } => identity::set_ids(*uid, *gid, groups.as_deref()),
        Step::SetCapabilities {
            bounding,
            effective,
            permitted,
            inheritable,
            ambient,
        } => rights::set_capabilities(&rights::Sets::of(
            bounding,
            effective,
            permitted,
            inheritable,
            ambient,
        )),
        Step::NoNewPrivileges => rights::no_new_privileges(),
        Step::InstallSeccomp { descriptor, flags } => {
            rights::install_seccomp(context, *descriptor, flags)
        }
        Step::NewSession => identity::new_session(),
        Step::OpenTerminal {
            devpts,
            rows,
            columns,
        } => terminal::open_terminal(context, devpts, *rows, *columns),
        Step::ChangeDirectory { path } => identity::change_directory(path),
        Step::Exec { argv, env } => Err(exec::exec(context, argv, env)),
        Step::Keep { connection } => Err(crate::keeper::keep(context, *connection)),
    }
}
