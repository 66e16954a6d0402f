// The experiments of chapter 02, in the order of the prose.

import type { Experiment } from '@slipway/lab';
import { textbook } from './1-textbook.ts';
import { accounting } from './2-accounting.ts';
import { blockIo } from './2-block-io.ts';
import { control } from './2-control.ts';
import { limitation } from './2-limitation.ts';
import { shares } from './2-shares.ts';
import { blkio } from './subsystems/3-blkio.ts';
import { cpu } from './subsystems/3-cpu.ts';
import { cpuacct } from './subsystems/3-cpuacct.ts';
import { cpuset } from './subsystems/3-cpuset.ts';
import { devices } from './subsystems/3-devices.ts';
import { freezer } from './subsystems/3-freezer.ts';
import { hugetlb } from './subsystems/3-hugetlb.ts';
import { memory } from './subsystems/3-memory.ts';
import { netCls } from './subsystems/3-net-cls.ts';
import { netPrio } from './subsystems/3-net-prio.ts';
import { perfEvent } from './subsystems/3-perf-event.ts';
import { pids } from './subsystems/3-pids.ts';
import { misc, rdma } from './subsystems/3-rdma-misc.ts';
import { hostShown } from './4-host-shown.ts';
import { repaired } from './4-repaired.ts';
import { signals, together, zombies } from './5-one-process.ts';
import { noWindow } from './6-no-window.ts';

export const experiments: readonly Experiment[] = [
  textbook,
  limitation,
  shares,
  blockIo,
  accounting,
  control,
  devices,
  cpuset,
  cpu,
  cpuacct,
  memory,
  freezer,
  netCls,
  netPrio,
  hugetlb,
  perfEvent,
  blkio,
  pids,
  rdma,
  misc,
  hostShown,
  repaired,
  signals,
  zombies,
  together,
  noWindow,
];
