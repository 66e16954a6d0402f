// The experiments of chapter 01, in the order of the prose.

import type { Experiment } from '@slipway/lab';
import { pid } from './1-pid.ts';
import { aProcess } from './2-process.ts';
import { uts } from './3-uts.ts';
import { ipc } from './3-ipc.ts';
import { mount } from './3-mount.ts';
import { net } from './3-net.ts';
import { user } from './3-user.ts';
import { kernel } from './4-kernel.ts';
import { vm } from './4-vm.ts';
import { time } from './5-time.ts';
import { cgroup } from './6-cgroup.ts';
import { enter } from './7-enter.ts';

export const experiments: readonly Experiment[] = [
  pid,
  aProcess,
  uts,
  ipc,
  mount,
  net,
  user,
  kernel,
  vm,
  time,
  cgroup,
  enter,
];
