// Experiment 4: /proc does not know about control groups, so free shows the host.
//
// What a cgroup namespace repairs (a path), and what not (every figure).
// Sources: cgroup_namespaces(7), proc_meminfo(5), sched_getaffinity(2).

import { readFileSync } from 'node:fs';
import { experiment, type Lab } from '@slipway/lab';
import { openContainer } from './apparatus/container-shell.ts';
import { need } from './apparatus/lab-groups.ts';

const limits = ['--cpus', '0.2', '--memory', '64m', '--pid', '--mount'];

export const hostShown = experiment(
  'host-shown',
  '/proc does not know',
  ['root', 'native', 'tool:free', 'tool:top', 'tool:nproc'],
  async lab => {
    need(lab, 'cpu', 'memory');
    lab.say(
      'A container with a fifth of a processor and 64 MiB. What do free, nproc and ' +
        'top say in there? (The runtime repairs it by default; first it must not.)',
    );
    const container = await openContainer(lab, [...limits, '--no-proc-view']);
    const free = await container.ask('free -m | head -n 2 | cut -c 1-55');
    const [processors = ''] = await container.ask('grep -c ^processor /proc/cpuinfo');
    await container.ask('nproc');
    await container.ask('top -b -n 1 | grep MiB.Mem');
    const host = megabytesOfHost();
    const said = totalOf(free);
    const cpus = readFileSync('/proc/cpuinfo', 'utf8').match(/^processor/gm)?.length;
    lab.expect({
      claim: 'inside, the machine is as large as ever',
      expected: `${host} MiB, ${cpus} processors: the host's`,
      observed: `${said} MiB, ${processors} processors`,
      holds: Math.abs(said - host) <= 1 && Number(processors) === cpus,
    });
    await withNamespace(lab, host);
  },
);

/** "Use the newest cgroup namespace to isolate it", say the classic texts. */
async function withNamespace(lab: Lab, host: number): Promise<void> {
  lab.say('The classic texts advise a cgroup namespace. What does it repair?');
  const flags = [...limits, '--cgroup', '--no-proc-view'];
  const container = await openContainer(lab, flags);
  const own = await container.ask('cat /proc/self/cgroup');
  const free = await container.ask('free -m | head -n 2 | cut -c 1-55');
  lab.say('The path, and nothing else. It moves a root; it does not count anything.');
  const paths = own.filter(line => /:\/slipway/.test(line));
  lab.expect({
    claim: 'a cgroup namespace hides where the group is, and free shows the host',
    expected: `no path below /slipway; ${host} MiB`,
    observed: `${paths.length || 'no'} path below /slipway; ${totalOf(free)} MiB`,
    holds: paths.length === 0 && Math.abs(totalOf(free) - host) <= 1,
  });
}

function megabytesOfHost(): number {
  const kilobytes = /^MemTotal:\s+(\d+) kB$/m.exec(
    readFileSync('/proc/meminfo', 'utf8'),
  );
  return Math.floor(Number(kilobytes?.[1]) / 1024);
}

/** The second column of free's second line. */
function totalOf(lines: readonly string[]): number {
  return Number(lines.at(1)?.split(/\s+/)[1]);
}
