// The native driver: containers as programs of system calls, each under a keeper.
//
// - `nativeDriver(settings)`: the `ExecDriver`
//
// A start: keeper ── control groups ── handles ── its child runs the program. Whatever of it fails
// takes the rest back. Nothing is made twice: the machine's hierarchies are found once, and a
// filter once for each profile. The keeper works while we do: it takes its place beside the making
// of the groups, and hears all other orders in a row.

import {
  connectKeeper,
  prepareKeeper,
  readExit,
  type KeptChild,
  type KeptRequest,
  type WaitingKeeper,
} from '@slipway/native';
import { failpoint } from '../../engine/failpoints.ts';
import { Spares } from '../../engine/spares.ts';
import { createGroup, linuxControlGroups, thisMachine } from '../../libcontainer/groups.ts';
import type { Group } from '../../libcontainer/groups.ts';
import { openHandles } from '../../libcontainer/handles.ts';
import { groupPlace, limitsOf } from '../../libcontainer/limits.ts';
import { containerProgram, type ContainerProgram } from '../../libcontainer/program.ts';
import { SeccompFilters } from '../../libcontainer/seccomp/filters.ts';
import type { RuntimeSpec } from '../../libcontainer/spec.ts';
import type { ExecDriver, RestoreRequest, Running, StartRequest } from '../driver.ts';
import { endedChild } from './ended-child.ts';
import { explainPlan, stepTimes } from './explain.ts';
import { startFailure } from './failure.ts';
import { abandon, dismiss, findGroup, removeGroup } from './leftovers.ts';
import { NativeRunning } from './running.ts';
import { heldRoot, usualSize, type Shared } from './driver-wide.ts';

export interface NativeSettings {
  /** Leave the group above the containers' when the last of them goes. Default: true. */
  readonly keepsHome?: boolean;
  /** So many keepers are ready for the next starts. Default: 0. */
  readonly spareKeepers?: number;
}

export function nativeDriver(settings: NativeSettings = {}): ExecDriver {
  const { keepsHome = true, spareKeepers = 0 } = settings;
  const groups = linuxControlGroups(keepsHome);
  const { countsSwap } = thisMachine(groups);
  const keepers = new Spares<WaitingKeeper>({
    make: prepareKeeper,
    drop: keeper => keeper.bye(),
    isGood: ({ isOpen }) => isOpen,
    most: spareKeepers,
  });
  const shared: Shared = { groups, countsSwap, filters: new SeccompFilters(), keepers };
  return {
    name: 'native',
    start: request => start(request, shared),
    restore: request => restore(request, shared),
    abandon,
    explain: plan => explainPlan(plan, shared),
    close: () => keepers.close(),
  };
}

async function start(request: StartRequest, shared: Shared): Promise<Running> {
  const { id, spec, folder } = request;
  await using undo = new AsyncDisposableStack();
  try {
    const keeper = await shared.keepers.take();
    undo.defer(() => dismiss(keeper));
    const placed = keeper.place(folder);
    // Should another fail first, this is waited for by nobody.
    placed.catch(() => undefined);
    failpoint('start.keeper');
    const group = await makeGroup(spec, id, shared);
    undo.defer(() => removeGroup(group));
    failpoint('start.groups');
    using handles = new DisposableStack();
    const program = openProgram(request, group, shared, handles);
    request.connect?.();
    failpoint('start.connected');
    const orders = Promise.all([
      placed,
      keeper.spawn(mainOf(request, program)),
      keeper.hold(heldRoot, request.root.own),
    ]);
    orders.catch(() => undefined);
    request.meanwhile?.();
    const [, main] = await orders;
    failpoint('start.held');
    const steps = () => stepTimes(program, main.timings);
    const running = new NativeRunning({ id, spec, keeper, main, group, steps, shared });
    undo.move();
    return running;
  } catch (error) {
    throw startFailure(error, spec.process.args);
  }
}

function makeGroup(spec: RuntimeSpec, id: string, shared: Shared): Promise<Group> {
  const limits = limitsOf(spec.linux?.resources ?? {}, shared.countsSwap);
  return createGroup(shared.groups, { ...groupPlace(spec, id), limits });
}

function openProgram(
  request: StartRequest,
  group: Group,
  { groups, filters }: Shared,
  held: DisposableStack,
): ContainerProgram {
  const { spec, root, mounts, network, init = false, size = usualSize } = request;
  const { seccomp } = spec.linux ?? {};
  const { joined, binds, groupMounts } = openHandles(spec, groups, group, held);
  const targets = new Set(mounts.map(({ target }) => target));
  return containerProgram({
    spec,
    root: root.descriptor,
    mounts: outerFirst([...binds.filter(({ target }) => !targets.has(target)), ...mounts]),
    network,
    cgroups: group.directories,
    groupMounts,
    joined,
    filter: seccomp === undefined ? undefined : filters.descriptorOf(seccomp),
    staysAsInit: init,
    size,
  });
}

function mainOf(request: StartRequest, program: ContainerProgram): KeptRequest {
  const { stdin, log, sinks } = request;
  return {
    ...program,
    name: 'main',
    isMain: true,
    stdio: [stdin ? 'pipe' : 'null', 'pipe', 'pipe'],
    ...(log && { log }),
    ...(sinks && { sinks }),
  };
}

async function endedMain(folder: string): Promise<KeptChild | undefined> {
  const ending = await readExit(folder);
  return ending && endedChild(ending);
}

async function restore(request: RestoreRequest, shared: Shared): Promise<Running | undefined> {
  const { id, spec, folder } = request;
  const group = findGroup(shared.groups, groupPlace(spec, id));
  const keeper = await connectKeeper(folder);
  const main = keeper?.children().find(({ name }) => name === 'main') ?? (await endedMain(folder));
  if (main !== undefined && group !== undefined) {
    return new NativeRunning({ id, spec, keeper, main, group, steps: () => [], shared });
  }
  if (keeper !== undefined) await dismiss(keeper, group);
  if (group !== undefined) await removeGroup(group);
  return undefined;
}

/** What lies in another one's place would be hidden by it. */
function outerFirst<Mount extends { readonly target: string }>(mounts: readonly Mount[]): Mount[] {
  const depth = ({ target }: Mount): number => target.split('/').filter(Boolean).length;
  return mounts.toSorted((a, b) => depth(a) - depth(b));
}
