// A parent that starts a container, says its pid, and is then killed by the test.
//
//   orphan.fixture.ts running | barrier | forked | changed-ids | user | init | outliving
//
// It waits for ever: whatever ends the container is the kernel's doing.

import type { Child } from '../../process/child.ts';
import { sleeper } from '../../process/collect.ts';
import { step, type Namespace, type Step } from '../../program/program.ts';
import { spawn, type SpawnRequest } from '../../process/spawn.ts';

const programs: Readonly<Record<string, readonly [readonly Namespace[], readonly Step[]]>> = {
  running: [['pid', 'mount'], [sleeper]],
  barrier: [['pid'], [step.barrier('for ever'), sleeper]],
  forked: [[], [step.fork(['pid', 'uts']), sleeper]],
  'changed-ids': [[], [step.setIds(65534, 65534, []), sleeper]],
  user: [['user'], [sleeper]],
  init: [['pid'], [step.stayAsInit(), sleeper]],
  outliving: [[], [sleeper]],
};

const how = process.argv[2] ?? '';
const [namespaces = [], program = []] = programs[how] ?? [];
const request: SpawnRequest = {
  namespaces,
  program,
  stdio: ['null', 'null', 'null'],
  dieWithParent: how !== 'outliving',
  onBarrier: (_, child) => tell(child),
};
await tell(await spawn(request));

async function tell(child: Child): Promise<void> {
  console.log(child.pid);
  setInterval(() => undefined, 1e6);
  await new Promise(() => undefined);
}
