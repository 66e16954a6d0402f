// Experiment 5: the clocks that a time namespace moves, and the one that it does not.
//
// - the boot-time clock inside is a year ahead, as its offset says
// - the wall clock is the same on both sides, and nobody inside may set it
//
// Source: time_namespaces(7).

import { readFileSync } from 'node:fs';
import { experiment, type Lab } from '@slipway/lab';
import { startContainer, type Container } from './apparatus/conversation.ts';
import { toIsolate, unshare } from './apparatus/rights.ts';

const yearSeconds = 365 * 24 * 60 * 60;

export const time = experiment(
  'time',
  'One more year',
  [...toIsolate, 'namespace:time', 'user-namespace'],
  async lab => {
    await addAYear(lab);
    const flags = ['--time', '--pid', '--mount', '--boottime', String(yearSeconds)];
    const container = await startContainer(lab, flags);
    await compareUptimes(lab, container);
    await compareWallClocks(lab, container);
  },
);

async function addAYear(lab: Lab): Promise<void> {
  lab.say(
    'Time cannot be isolated, say the classic texts: set the clock in one ' +
      'container, and you set it in all. Since Linux 5.6 that is half of the ' +
      'truth. Which half?',
  );
  await lab.shell`uptime -p; date +%F`;
  const moved = ['--time', '--fork', '--boottime', String(yearSeconds)];
  await lab.shell`${unshare(...moved)} sh -c 'uptime -p; date +%F'`;
  lab.say(
    'The machine has been up for a year longer, and yet it is the same day. A time ' +
      'namespace shifts the clocks that count from the boot, so that a program can ' +
      'be moved to another machine without seeing time jump. What day it is stays ' +
      'one fact for everybody.',
  );
}

/** /proc/uptime is the boot-time clock, /proc/PID/timens_offsets its shift. */
async function compareUptimes(lab: Lab, container: Container): Promise<void> {
  const before = uptimeIn(readFileSync('/proc/uptime', 'utf8'));
  const [line = ''] = await container.ask('cat /proc/uptime');
  const after = uptimeIn(readFileSync('/proc/uptime', 'utf8'));
  const offsets = readFileSync(`/proc/${container.pid}/timens_offsets`, 'utf8');
  const [, offset] = /^boottime\s+(-?\d+)/m.exec(offsets) ?? [];
  const inside = uptimeIn(line);
  lab.expect({
    claim: 'the boot-time clock inside is a year ahead, as its offset says',
    expected: `offset ${yearSeconds} s, a clock ${yearSeconds} s ahead`,
    observed: `offset ${offset} s, a clock ${Math.round(inside - after)} s ahead`,
    holds:
      Number(offset) === yearSeconds &&
      inside >= before + yearSeconds &&
      inside <= after + yearSeconds,
  });
}

/** Read outside, inside, outside: the three must stand in that order. */
async function compareWallClocks(lab: Lab, container: Container): Promise<void> {
  const before = Math.floor(Date.now() / 1000);
  const [line = ''] = await container.ask('date +%s');
  const after = Math.floor(Date.now() / 1000);
  lab.expect({
    claim: 'the wall clock is the same inside and outside',
    expected: `between ${before} and ${after}`,
    observed: line,
    holds: Number(line) >= before && Number(line) <= after,
  });
  lab.say(
    'So can root inside set it? Only a user whom the first user namespace calls ' +
      'root may, and then for all. (We try it with the time that it is, and as ' +
      'root of another user namespace, so that nothing can happen to yours.)',
  );
  const { exitCode, stderr } =
    await lab.shell`unshare --map-root-user --time --fork date --set "$(date)"`;
  lab.expect({
    claim: 'no root of a container with its own users can set the wall clock',
    expected: 'Operation not permitted',
    observed: exitCode === 0 ? 'it was set' : (stderr.trim().split(': ').at(-1) ?? ''),
    holds: exitCode !== 0 && stderr.includes('Operation not permitted'),
  });
}

function uptimeIn(text: string): number {
  return Number(text.split(' ')[0]);
}
