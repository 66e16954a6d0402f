// The group of a process that runs.
//
// - `groupOfProcess(machine, pid)`: found by /proc/PID/cgroup alone
//
//   8:memory:/slipway/run-4711-ab12      a line for each hierarchy

import { openGroup } from '../group/control-groups.ts';
import type { ControlGroups } from '../group/machine.ts';
import { ControlGroupError } from '../group/errors.ts';
import type { Group } from '../group/group.ts';
import { defaultParent } from '../group/place.ts';

/** @throws GONE when there is no such process, or when it is in no group of ours */
export function groupOfProcess(machine: ControlGroups, pid: number): Group {
  const file = `/proc/${pid}/cgroup`;
  if (!machine.host.has(file)) {
    throw new ControlGroupError('GONE', `there is no process ${pid}: see ps`);
  }
  const ours = new RegExp(`/${defaultParent}/([^/\n]+)`, 'm');
  const name = ours.exec(machine.host.read(file))?.[1];
  if (name === undefined) {
    const why = 'take the pid of an application that this program runs, as ps shows it';
    throw new ControlGroupError(
      'GONE',
      `process ${pid} is in no control group of ours (${file}): ${why}`,
    );
  }
  return openGroup(machine, { name });
}
