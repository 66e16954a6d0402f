// Experiment 5: one running process, seen twice: as an image (what lies on the disk)
// and as a runtime (what the kernel keeps around it). Sources: namespaces(7),
// cgroups(7). The two are printed side by side, and then one of them is taken away.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { experiment, type Lab } from '@slipway/lab';
import { boxImage } from './box-image.ts';
import { prepare, run, volumesRoot, waitFor } from './run-command.ts';

export const views = experiment(
  'views',
  'One container, two views: its layers, and its namespaces and groups',
  ['root', 'native', 'overlay', 'tool:busybox'],
  async lab => {
    const place = await prepare(lab);
    await volumesRoot(lab);
    const image = boxImage(place);
    lab.say(
      'A container with a limit and a volume, which stays. On the disk it is a ' +
        'pile of layers; for the kernel it is one process with its own views and ' +
        'its accounts.',
    );
    const seconds = String(200_000 + process.pid);
    const running = lab.shell`${run} --image ${image} --name two-views --net \\
      --memory 64m -v ${`${place.home}:/test`} -- sleep ${seconds}`;
    const pid = await waitFor(['sleep', seconds]);
    await sideBySide(lab, pid);
    process.kill(pid, 'SIGKILL');
    await running;
    lab.say('Now it is killed. Which of the two views is left?');
    const { stdout } =
      await lab.shell`ls -d /proc/${pid} 2>&1; ${run} layers two-views; \\
      ${run} rm two-views`;
    const gone = stdout.includes('No such file');
    const left = layersIn(stdout).length;
    lab.expect({
      claim: 'the process took the runtime with it; the image is where it was',
      expected: 'no process, layers',
      observed: `${gone ? 'no process' : 'a process'}, ${left} layers`,
      holds: gone && left === 3,
    });
  },
);

async function sideBySide(lab: Lab, pid: number): Promise<void> {
  const { stdout } = await lab.shell`${run} layers two-views
    ls -l /proc/${pid}/ns | grep -o '[a-z]*:\\[.*'; cat /proc/${pid}/cgroup`;
  const layers = layersIn(stdout).map(shortened);
  const own = namespacesOf(pid);
  const groups = groupsOf(pid);
  const right = [...own.map(kind => `namespace ${kind}`), ...groups];
  lab.show(
    right.map((dynamic, index) => ({
      'static: the image, on the disk': layers[index] ?? '',
      'dynamic: the runtime, in the kernel': dynamic,
    })),
  );
  const kinds = layers.map(line => line.slice(line.indexOf('…') + 1)).join(' ');
  lab.expect({
    claim: 'the static view: a read-write layer, the init layer, the image below',
    expected: '=rw -init=ro+wh =ro+wh',
    observed: kinds,
    holds: kinds === '=rw -init=ro+wh =ro+wh',
  });
  const apart = ['mnt', 'net', 'pid'].every(kind => own.includes(kind));
  const memory = groups.find(line => /memory|v2/.test(line));
  lab.expect({
    claim: 'the dynamic view: namespaces that are not ours, and a group with the limit',
    expected: 'mnt net pid among them, and a memory group',
    observed: `${own.join(' ')}; ${memory ?? 'no group'}`,
    holds: apart && memory !== undefined,
  });
}

function shortened(line: string): string {
  return line.replace(/^([0-9a-f]{12})[0-9a-f]*/, '$1…');
}

function layersIn(text: string): string[] {
  return text.split('\n').filter(line => /=(rw|ro\+wh)$/.test(line));
}

/** The kinds of namespace in which it is not with us. */
function namespacesOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/ns`)
    .filter(kind => !kind.includes('_for_'))
    .filter(kind => namespaceOf(pid, kind) !== namespaceOf('self', kind));
}

function namespaceOf(pid: number | 'self', kind: string): string {
  return readlinkSync(`/proc/${pid}/ns/${kind}`);
}

function groupsOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/cgroup`, 'utf8')
    .split('\n')
    .filter(line => line.includes('slipway'))
    .map(line => {
      const [, controllers = '', path = ''] = line.split(':');
      return `group ${controllers || 'v2'} ${path}`;
    });
}
