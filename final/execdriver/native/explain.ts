// A container's program as text, and with the times that its steps took.
//
// - `explainPlan(plan, shared)`: before it is run; nothing is made, and every descriptor is 0
// - `stepTimes(program, timings)`: of one that was run

import { explainProgram, type StepTiming } from '@slipway/native';
import { groupPlace } from '../../libcontainer/limits.ts';
import { containerProgram, kindOf, type ContainerProgram } from '../../libcontainer/program.ts';
import type { ContainerPlan, StepTime } from '../driver.ts';
import { usualSize, type Shared } from './driver-wide.ts';

export function explainPlan(plan: ContainerPlan, { groups }: Shared): readonly StepTime[] {
  const { id, spec, mounts, network, init = false } = plan;
  const { name, parent } = groupPlace(spec, id);
  const joined = (spec.linux?.namespaces ?? []).filter(({ path }) => path !== undefined);
  const program = containerProgram({
    spec,
    root: 0,
    mounts,
    network,
    cgroups: groups.hierarchies.all.map(({ mountPoint }) => `${mountPoint}/${parent}/${name}`),
    groupMounts: [],
    joined: new Map(joined.map(one => [kindOf(one), 0])),
    filter: spec.linux?.seccomp && 0,
    staysAsInit: init,
    size: usualSize,
  });
  return stepTimes(program, []);
}

export function stepTimes(
  program: ContainerProgram,
  timings: readonly StepTiming[],
): readonly StepTime[] {
  const lines = explainProgram(program);
  // What comes before the first step is the parent's.
  const before = lines.length - program.program.length;
  return lines.map(({ code, why }, index) => {
    const call = program.program[index - before]?.call ?? 'clone3';
    const timing = timings[index - before];
    return { call, code, why, ...(timing && { microseconds: timing.microseconds }) };
  });
}
