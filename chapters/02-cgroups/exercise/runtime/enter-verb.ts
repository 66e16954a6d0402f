// Made from ../../runtime/enter-verb.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// `run.ts enter PID -- command…`: a second process, in the group of the first.
//
// - `enterVerb(environment)`: the verb, for what its application finds around it

import { runForeground } from '@slipway/namespaces';
import { readEntering, type Verb } from '@slipway/namespaces/runtime/command-line.ts';
import { printProgram } from '@slipway/namespaces/runtime/explain.ts';
import type { StreamFlags } from '@slipway/namespaces/runtime/options.ts';
import { linuxControlGroups } from '../group/machine.ts';
import { enterGroup, enterGroupRequest } from '../container/enter-group.ts';
import { groupOfProcess } from './of-process.ts';

export function enterVerb(
  environment: (flags: StreamFlags) => readonly string[],
): Verb {
  return (command, argv) => {
    const entering = readEntering(command, argv, environment);
    const { pid, options, interactive } = entering;
    const group = groupOfProcess(linuxControlGroups(), pid);
    if (entering.explain) return printProgram(enterGroupRequest(pid, group, options));
    return runForeground(() => enterGroup(pid, group, options), { interactive });
  };
}
// As made: 71d78c6e
