// Experiment 6: what a process sees of the tree of control groups that it stands in.
//
// A group of our own is made for it, in the ledger before it exists. What groups are
// good for is chapter 02.
// Source: cgroup_namespaces(7).

import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { experiment, record, settle, type Lab } from '@slipway/lab';
import { removeControlGroup } from '@slipway/lab/ledger/undo-cgroup.ts';
import { hierarchies } from '@slipway/lab/requires/cgroups.ts';
import { containerRequest } from '../container/container.ts';
import { converse } from './apparatus/conversation.ts';
import { toIsolate } from './apparatus/rights.ts';

/** A control group, and how its hierarchy is named in /proc/PID/cgroup. */
interface Group extends AsyncDisposable {
  readonly folder: string;
  /** The beginning of the hierarchy's line: `0:` for version 2. */
  readonly line: string;
}

export const cgroup = experiment(
  'cgroup',
  'The root that is not the root',
  ['root', ...toIsolate, 'namespace:cgroup'],
  async lab => {
    const group = lab.hold(makeGroup(lab));
    await lookFromInside(lab, group);
    await lookFromBothSides(lab, group);
  },
);

function makeGroup(lab: Lab): Group {
  const all = hierarchies();
  // A new cpuset takes in nobody (ENOSPC) before it is given processors and memory.
  const hierarchy =
    all.find(({ world }) => world === 'v2') ??
    all.find(({ controllers }) => !controllers.includes('cpuset'));
  if (hierarchy === undefined) {
    return lab.notRun('no hierarchy of control groups is mounted: see npm run doctor');
  }
  const { world, mountPoint, controllers } = hierarchy;
  const folder = join(mountPoint, `slipway-${process.pid}`);
  const id = record({ kind: 'cgroup', target: folder });
  mkdirSync(folder);
  return {
    folder,
    line: world === 'v2' ? '0:' : lineOf(controllers),
    [Symbol.asyncDispose]: async () => {
      await removeControlGroup(folder);
      settle(id);
    },
  };
}

/** `6:freezer:` for the hierarchy of these controllers. */
function lineOf(controllers: readonly string[]): string {
  const lines = readFileSync('/proc/self/cgroup', 'utf8').split('\n');
  const own = lines.find(line => {
    const named = line.split(':')[1]?.split(',') ?? [];
    return named.some(controller => controllers.includes(controller));
  });
  return `${own?.split(':')[0]}:`;
}

async function lookFromInside(lab: Lab, { folder, line }: Group): Promise<void> {
  lab.say(
    'A control group is a folder, and every process stands in one. Here is a group ' +
      'made for this experiment. /proc/self/cgroup says where one stands: what ' +
      'will it say in a new cgroup namespace? And of process 1, which stands ' +
      'outside of it?',
  );
  const first = await lab.shell`cd ${folder}; bash -c '
    echo $$ > cgroup.procs
    grep ^${line} /proc/self/cgroup
    unshare --cgroup grep ^${line} /proc/self/cgroup /proc/1/cgroup'`;
  lab.say(
    'Outside the path tells where it is; inside it says / and tells nothing. ' +
      'Whoever stands above is shown with .. : somewhere up there. Only a view has ' +
      'changed. The process is in the same group as before.',
  );
  lab.say(
    'Now the other way round: first the namespace, higher up, and only then into ' +
      'the group.',
  );
  // From anywhere else systemd's way of mounting it (nsdelegate) makes it a border.
  const second = await lab.shell`cd ${folder}; echo $$ > ../cgroup.procs
    unshare --cgroup bash -c '
    echo $$ > cgroup.procs
    grep ^${line} /proc/self/cgroup'`;
  lab.say(
    'No disguise. The root that one sees is the group in which one stood when the ' +
      'namespace was made. So the order counts: into the group first.',
  );
  const [outside, inside, above] = first.stdout.split('\n').map(pathIn);
  const name = `/slipway-${process.pid}`;
  const late = pathIn(second.stdout.trim());
  lab.expect({
    claim: 'a cgroup namespace hides what is above the group one stands in',
    expected: `…${name} outside, / inside, /.. above`,
    observed: `${outside} outside, ${inside} inside, ${above} above`,
    holds:
      outside?.endsWith(name) === true &&
      inside === '/' &&
      /^(\/\.\.)+/.test(above ?? ''),
  });
  lab.expect({
    claim: 'made before the process is in the group, it hides nothing',
    expected: `…${name}`,
    observed: late,
    holds: late.endsWith(name),
  });
}

/** Our runtime gives birth in the group, and the child makes its namespace there. */
async function lookFromBothSides(lab: Lab, { folder, line }: Group): Promise<void> {
  lab.say('Our runtime gives birth in the group; the child then makes its namespace:');
  const request = containerRequest({
    namespaces: ['cgroup'],
    argv: ['busybox', 'sh'],
    env: [],
  });
  lab.show([
    "const request = containerRequest({ namespaces: ['cgroup'], … });",
    'spawn({ ...request, cgroups: [folder] });',
  ]);
  const container = await converse(lab, { ...request, cgroups: [folder] });
  const [inside = ''] = await container.ask(`grep ^${line} /proc/self/cgroup`);
  const outside = readFileSync(`/proc/${container.pid}/cgroup`, 'utf8')
    .split('\n')
    .find(text => text.startsWith(line));
  const name = `/slipway-${process.pid}`;
  lab.expect({
    claim: 'one process: / for itself, its group for the host',
    expected: `/ inside, …${name} outside`,
    observed: `${pathIn(inside)} inside, ${pathIn(outside ?? '')} outside`,
    holds: pathIn(inside) === '/' && pathIn(outside ?? '').endsWith(name),
  });
}

/** What follows `id:controllers:`, with or without the name of a file before it. */
function pathIn(line: string): string {
  return /\d+:[^:]*:(.*)$/.exec(line)?.[1] ?? '';
}
