// Experiment 1: a PID namespace, and the /proc that does not know about it.
//
// - the trap: a new process 1 looks through the old /proc and sees the host
// - the way out: a /proc of its own, and a ps of exactly two processes
// - from both sides: NSpid of the same process, read on the host
//
// Sources: pid_namespaces(7), proc(5).

import { readFileSync } from 'node:fs';
import { experiment, type Lab } from '@slipway/lab';
import { startContainer } from './apparatus/conversation.ts';
import { pidsOf } from './apparatus/process-status.ts';
import { toIsolate, unshare } from './apparatus/rights.ts';

export const pid = experiment(
  'pid',
  'Two processes, and one of them is number 1',
  toIsolate,
  async lab => {
    await fallIntoTheTrap(lab);
    await climbOut(lab);
    await lookFromBothSides(lab);
  },
);

/** A new PID namespace, looked at through the old /proc. */
async function fallIntoTheTrap(lab: Lab): Promise<void> {
  lab.say(
    'A shell is about to start in a PID namespace of its own. What number will it ' +
      'have, and whom will its ps show? Predict both, then look.',
  );
  const { stdout } = await lab.shell`${unshare('--pid', '--fork')} busybox sh -c '
    echo "I am $$"
    ps -o pid,user,comm | head -n 3
    echo "1 is $(cat /proc/1/comm)"'`;
  lab.say(
    'The shell says that it is 1, and ps says that 1 is somebody else. Neither ' +
      'lies. ps does not ask the kernel for processes: it reads the files in ' +
      '/proc, and this /proc was mounted for the old namespace. That is the trap.',
  );
  const lines = stdout.trimEnd().split('\n');
  const said = `${lines.at(0)}; ${lines.at(-1)}`;
  const expected = `I am 1; 1 is ${readFileSync('/proc/1/comm', 'utf8').trim()}`;
  const claim = 'through the old /proc, process 1 sees the host';
  lab.expect({ claim, expected, observed: said, holds: said === expected });
}

/** The same with a /proc of its own. */
async function climbOut(lab: Lab): Promise<void> {
  lab.say('So it needs a /proc of its own. unshare(1) has an option for that:');
  const { stdout } =
    await lab.shell`echo ps | ${unshare('--pid', '--fork', '--mount-proc')} busybox sh`;
  const pids = numbersIn(stdout.split('\n'));
  lab.expect({
    claim: 'ps shows exactly two processes, the shell as 1',
    expected: '1 2',
    observed: pids.join(' '),
    holds: pids.length === 2 && pids[0] === 1,
  });
}

/** Our own runtime, seen from inside and from the host at the same time. */
async function lookFromBothSides(lab: Lab): Promise<void> {
  lab.say('The runtime of this chapter does both. Its shell keeps running this time:');
  const container = await startContainer(lab, ['--pid', '--mount']);
  const inside = await container.ask('ps');
  const [outer, ...inner] = pidsOf(container.pid);
  lab.say('Now the same shell as the host sees it, while it runs:');
  await lab.shell`grep -E '^(Name|NSpid)' /proc/${container.pid}/status`;
  lab.say(
    'One process, two numbers: NSpid lists them from the host inwards. Nothing was ' +
      'hidden and nothing was renumbered; every namespace keeps a list of its own.',
  );
  const pids = numbersIn(inside);
  lab.expect({
    claim: 'the container has two processes, its shell and ps',
    expected: 'the shell as 1, and one more',
    observed: inside
      .slice(1)
      .map(line => line.trim())
      .join(', '),
    holds: pids.length === 2 && pids[0] === 1 && /\bsh$/.test(inside[1] ?? ''),
  });
  lab.expect({
    claim: 'the same process has an ordinary number on the host',
    expected: `${container.pid} outside, 1 inside`,
    observed: `${outer} outside, ${inner.join(' ')} inside`,
    holds: outer === container.pid && inner.join() === '1',
  });
}

/** The first column below the heading of ps. */
function numbersIn(lines: readonly string[]): readonly number[] {
  return lines.flatMap(line => /^\s*(\d+)\s/.exec(line)?.slice(1).map(Number) ?? []);
}
