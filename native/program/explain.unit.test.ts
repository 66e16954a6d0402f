/** A whole program as a person reads it. */
import { expect, test } from 'vitest';
import { explainProgram, type ExplainedRequest } from './explain.ts';
import { blockDevice, namespaceKinds, step } from './program.ts';

/** The lines as a table: the call, then why. */
function shown(request: ExplainedRequest): string {
  return explainProgram(request)
    .map(({ code, why }) => `${code}\n    ${why}`)
    .join('\n');
}

test('a container is explained from its birth to its application', () => {
  const program = [
    step.barrier('id-maps'),
    step.setIds(0, 0, []),
    step.setPropagation('private'),
    step.mountProc(),
    step.mount('tmpfs', '/tmp', 'tmpfs', { flags: ['nosuid', 'ro'], data: 'size=1m' }),
    step.setHostname('box'),
    step.setDomainname('yard'),
    step.openTerminal(24, 80),
    step.changeDirectory('/'),
    step.exec(['sh', '-c', 'echo "hi"'], []),
  ];
  const cgroups = ['/sys/fs/cgroup/box'];
  expect(shown({ namespaces: namespaceKinds, cgroups, program })).toMatchInlineSnapshot(`
    "clone3(CLONE_NEWIPC|CLONE_NEWNS|CLONE_NEWNET|CLONE_NEWPID|CLONE_NEWTIME|CLONE_NEWUSER|CLONE_NEWUTS|CLONE_VM|CLONE_VFORK|CLONE_PIDFD)
        a child with these views of its own; no memory is copied
    enter("/sys/fs/cgroup/box")
        inside the control group before the first instruction
    unshare(CLONE_NEWCGROUP)
        the group that it is in becomes the root that it sees
    execveat(slipway-init)
        one thread, static, sealed: it reads the rest
    read(channel)
        the parent does its part first: id-maps
    setgroups(0, …); setresgid(0, …); setresuid(0, …)
        who it is inside; groups first, for whoever is not root may not change them
    mount(NULL, "/", NULL, MS_PRIVATE|MS_REC, NULL)
        what is mounted here from now on stays here
    mount("proc", "/proc", "proc", MS_NOSUID|MS_NODEV|MS_NOEXEC, NULL)
        the old one still shows the host's processes
    mount("tmpfs", "/tmp", "tmpfs", MS_NOSUID|MS_RDONLY, "size=1m")
        a tmpfs that only this mount namespace has
    sethostname("box")
        seen in this UTS namespace only
    setdomainname("yard")
        seen in this UTS namespace only
    open("/dev/pts/ptmx"); setsid(); ioctl(TIOCSCTTY); dup2(… 0, 1, 2)
        a terminal of its own, 24 by 80
    chdir("/")
        where the application starts
    execve("sh", "-c", "echo \\"hi\\"")
        the application replaces the init and keeps its pid"
  `);
});

test('entering, unsharing and forking are explained by what they change', () => {
  const program = [
    step.setns(0, ['user', 'mount']),
    step.unshare(['time', 'net']),
    step.setTimeOffsets({ monotonicSeconds: 0, boottimeSeconds: 60 }),
    step.fork(['pid']),
    step.newSession(),
    step.setIds(1000, 1000),
    step.mount('/a', '/b', '', { flags: ['bind'] }),
    step.exec(['true'], []),
  ];
  expect(shown({ program })).toMatchInlineSnapshot(`
    "clone3(CLONE_VM|CLONE_VFORK|CLONE_PIDFD)
        a child with these views of its own; no memory is copied
    execveat(slipway-init)
        one thread, static, sealed: it reads the rest
    setns(descriptor 0, CLONE_NEWUSER|CLONE_NEWNS)
        a namespace that is there already, in place of a new one
    unshare(CLONE_NEWTIME|CLONE_NEWNET)
        clocks of its own, for its next child; devices, addresses and ports of its own: so far lo, down
    write("/proc/self/timens_offsets", "monotonic 0, boottime 60")
        shifts its clocks; possible only before the first process is inside
    clone3(CLONE_NEWPID|CLONE_PARENT)
        pid and time namespaces take in only children; this child goes on
    setsid()
        leaves the parent's terminal and its signals
    setresgid(1000, …); setresuid(1000, …)
        who it is inside; groups first, for whoever is not root may not change them
    mount("/a", "/b", "", MS_BIND, NULL)
        a  that only this mount namespace has
    execve("true")
        the application replaces the init and keeps its pid"
  `);
});

test('a root is explained by what it hides', () => {
  const program = [
    step.setPropagation('slave'),
    step.attach(0, '/'),
    step.attach(1, '/data'),
    step.makeDevice('/dev/null', 1, 3),
    step.makeDevice('/dev/disk', 8, 0, blockDevice | 0o600),
    step.makeLink('/dev/fd', '/proc/self/fd'),
    step.maskPaths(['/a', '/b', '/c', '/d', '/e']),
    step.protectPaths(['/proc/sys']),
    step.pivotRoot(),
    step.makeRootReadOnly(),
    step.changeRoot('/srv'),
    step.stayAsInit(),
    step.exec(['true'], []),
  ];
  expect(shown({ namespaces: ['mount', 'pid'], program })).toMatchInlineSnapshot(`
    "clone3(CLONE_NEWNS|CLONE_NEWPID|CLONE_VM|CLONE_VFORK|CLONE_PIDFD)
        a child with these views of its own; no memory is copied
    execveat(slipway-init)
        one thread, static, sealed: it reads the rest
    mount(NULL, "/", NULL, MS_SLAVE|MS_REC, NULL)
        what is mounted here from now on stays here
    move_mount(descriptor 0, "/")
        the root file system, prepared outside; later paths are resolved in it
    move_mount(descriptor 1, "/data")
        a mount that was prepared outside, into the place that was opened for it
    mknod("/dev/null", S_IFCHR|0666, 1:3)
        a device that every program expects
    mknod("/dev/disk", S_IFBLK|0600, 8:0)
        a disk that was asked for; the kernel knows it by its numbers
    symlink("/proc/self/fd", "/dev/fd")
        a name that shells expect
    move_mount(empty, each of /a, /b, /c and 2 more)
        hidden: an empty tmpfs over a directory, the null device over a file
    mount_setattr(MOUNT_ATTR_RDONLY, each of /proc/sys)
        to be read, not to be written
    pivot_root(".", "."); umount2(".", MNT_DETACH); chdir("/")
        the new root becomes the root, and the old one is taken away
    mount_setattr("/", MOUNT_ATTR_RDONLY)
        the root read-only; what is mounted below it keeps its own flags
    chroot("/srv"); chdir("/")
        another start for paths, no more
    fork()
        the child goes on; PID 1 stays to reap and to pass on signals
    execve("true")
        the application replaces the init and keeps its pid"
  `);
});

test('rights and limits are explained by what is left of them', () => {
  const few = ['CAP_CHOWN', 'CAP_KILL', 'CAP_SETUID', 'CAP_SETGID'] as const;
  const program = [
    step.setOomScore(-500),
    step.setSysctl('net/ipv4/ip_forward', '1'),
    step.makeFolder('/srv/app'),
    step.setRlimit('nofile', 1024, -1),
    step.setUmask(0o022),
    step.setCapabilities({
      bounding: few,
      effective: few,
      permitted: few,
      inheritable: [],
      ambient: [],
    }),
    step.noNewPrivileges(),
    step.installSeccomp(0),
    step.exec(['true'], []),
  ];
  expect(shown({ program }).split('\n').slice(4).join('\n')).toMatchInlineSnapshot(`
    "write("/proc/self/oom_score_adj", "-500")
        whom the kernel ends first when memory is short
    write("/proc/sys/net/ipv4/ip_forward", "1")
        a setting that its namespaces have for themselves
    mkdir("/srv/app", 0755)
        a folder, if there is none
    setrlimit(RLIMIT_NOFILE, {1024, RLIM_INFINITY})
        a limit of each process, beside those of the group
    umask(022)
        which permissions new files do not get
    prctl(PR_CAPBSET_DROP, all but 4); capset(CAP_CHOWN|CAP_KILL|CAP_SETUID and 1 more)
        of root's rights only these, and no program can get others back
    prctl(PR_SET_NO_NEW_PRIVS, 1)
        a set-uid program grants nothing
    seccomp(SECCOMP_SET_MODE_FILTER, descriptor 0)
        a filter in front of every system call, for good
    execve("true")
        the application replaces the init and keeps its pid"
  `);
});
