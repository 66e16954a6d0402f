// A daemon that has a keeper, a child of it and a held descriptor, and is then killed by the test.
//
//   daemon.fixture.ts FOLDER pipe | terminal | starting | exec
//
// It says `ready` and waits for ever.

import { openPath } from '../../mounts.ts';
import { path, sleeper } from '../../process/collect.ts';
import { step, type Step } from '../../program/program.ts';
import type { KeptRequest } from '../keeper.ts';
import { startKeeper } from '../start.ts';

const [folder = '', how = ''] = process.argv.slice(2);
const keeper = await startKeeper({ folder });
using held = openPath('/usr');
await keeper.hold('root', held.descriptor);

const echo = 'n=0; while read line; do n=$((n+1)); echo "$n $line"; done; exit 7';
const application: Step = step.exec(['busybox', 'sh', '-c', echo], [path]);
const common = { name: 'main', isMain: true, log: { folder, file: 'log' } } as const;
const requests: Readonly<Record<string, KeptRequest>> = {
  pipe: { ...common, program: [application], stdio: ['pipe', 'pipe', 'pipe'] },
  terminal: {
    ...common,
    namespaces: ['mount'],
    program: [
      step.setPropagation('private'),
      step.mount('devpts', '/dev/pts', 'devpts', { data: 'newinstance,ptmxmode=0666' }),
      step.openTerminal(24, 80),
      application,
    ],
  },
  exec: { ...common, program: [step.fork(['pid']), sleeper] },
  starting: {
    ...common,
    namespaces: ['pid'],
    program: [step.barrier('for ever'), sleeper],
    onBarrier: () => ready(),
  },
};
const request = requests[how];
if (request === undefined) throw new Error(`${how}: no such daemon`);
await keeper.spawn(request);
await ready();

async function ready(): Promise<void> {
  console.log('ready');
  setInterval(() => undefined, 1e6);
  await new Promise(() => undefined);
}
