// Checkpoints about process numbers: PID 1, its /proc, and how the end is reported.
//
// Looked at from the host's /proc where the host can see it; what ps prints inside and
// how the end is reported, as a user sees them.

import {
  namespaceOf,
  runSubject,
  startSubject,
  status,
  unless,
  type Checkpoint,
  type Subject,
} from '@slipway/lab/checkpoint.ts';

export const processCheckpoints: readonly Checkpoint[] = [
  {
    id: 'pid-one',
    sentence: 'the application is process 1 of a PID namespace of its own',
    needs: ['root', 'tool:busybox'],
    examine: pidOne,
  },
  {
    id: 'own-proc',
    sentence: 'ps inside lists the processes inside and no others',
    needs: ['root', 'tool:busybox'],
    examine: ownProc,
  },
  {
    id: 'exit-status',
    sentence: 'the exit status tells how the application ended, as in a shell',
    needs: ['root', 'tool:busybox'],
    examine: exitStatus,
  },
  {
    id: 'dies-with-parent',
    sentence: 'the container does not outlive the program that runs it',
    needs: ['root', 'tool:busybox'],
    examine: diesWithParent,
  },
];

async function pidOne(subject: Subject): Promise<void> {
  await using running = await startSubject(subject, ['--pid', '--mount']);
  const { application } = running;
  const own = namespaceOf(application, 'pid');
  if (own === namespaceOf('self', 'pid')) {
    unless(
      namespaceOf(application, 'pid_for_children') === own,
      'fork-forgotten',
      'the application is still in the PID namespace of the host; only its children ' +
        'would be in the new one\nunshare(CLONE_NEWPID) moves nobody: the next child ' +
        'is the first inside. Fork after it, or let clone make both at once.',
    );
    unless(
      false,
      'no-pid-namespace',
      'the application is in the PID namespace of the host\n' +
        `/proc/${application}/ns/pid and /proc/self/ns/pid lead to the same inode: ` +
        'is CLONE_NEWPID among the flags?',
    );
  }
  const numbers = status(application, 'NSpid');
  unless(
    numbers.at(-1) === '1',
    'not-first',
    `the application is process ${numbers.at(-1)} of its namespace, not 1\n` +
      'somebody else is PID 1: a shell or a helper that started the application ' +
      'instead of becoming it. execve keeps the number.',
  );
}

async function ownProc(subject: Subject): Promise<void> {
  const args = ['--pid', '--mount', '--', 'busybox', 'ps'];
  const { stdout, stderr, status: code } = await runSubject(subject, args);
  unless(code === 0, 'no-ps', `ps inside ended with ${code}: ${stderr.trim()}`);
  const processes = stdout.trim().split('\n').slice(1);
  unless(
    processes.length === 1,
    'old-proc',
    `ps inside lists ${processes.length} processes, not 1: the host's\n` +
      'ps reads /proc, and /proc is a file system that belongs to the PID namespace ' +
      'in which it was mounted. The copied table of mounts has the old one: mount ' +
      'anew.',
  );
}

async function exitStatus(subject: Subject): Promise<void> {
  const run = async (...words: string[]): Promise<number> =>
    (await runSubject(subject, ['--uts', '--', ...words])).status;
  const own = await run('busybox', 'sh', '-c', 'exit 3');
  unless(
    own === 3,
    'status-lost',
    `an application that ends with 3 is reported as ${own}\n` +
      'wait for the child and end with its status.',
  );
  const killed = await run('busybox', 'sh', '-c', 'kill -TERM $$');
  unless(
    killed === 143,
    'signal-lost',
    `an application that SIGTERM ended is reported as ${killed}, not 143\n` +
      'a process ended by a signal has no exit status: shells report 128 + its number.',
  );
  const missing = await run('/no/such/program');
  unless(
    missing === 127,
    'not-found-status',
    `a program that is not there is reported as ${missing}, not 127\n` +
      'execve said ENOENT: shells report 127 for it.',
  );
  const refused = await run('/etc/passwd');
  unless(
    refused === 126,
    'not-executable-status',
    `a file that may not be executed is reported as ${refused}, not 126\n` +
      'execve said EACCES: the file is there, so 127 would send people looking for it.',
  );
}

async function diesWithParent(subject: Subject): Promise<void> {
  await using running = await startSubject(subject, ['--pid', '--mount']);
  process.kill(running.pid, 'SIGKILL');
  const gone = await ends(running.application);
  unless(
    gone,
    'left-behind',
    'the subject was killed with SIGKILL, and its container still runs\n' +
      'nobody can clean up after SIGKILL but the kernel: see PR_SET_PDEATHSIG.',
  );
}

/** Whether `pid` ends within two seconds. */
async function ends(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 200; tries += 1) {
    const state = stateOf(pid);
    if (state === undefined || state === 'Z') return true;
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  return false;
}

function stateOf(pid: number): string | undefined {
  try {
    return status(pid, 'State')[0];
  } catch {
    // No such process: it has ended and was waited for.
    return undefined;
  }
}
