// A request of chapter 01, in a group, with what this chapter adds to its program.
//
// - `limited(request, additions)`: the request that `spawn` runs and `--explain` prints
//
// The application is born into the group: its limits hold before its first instruction,
// and whatever it forks is inside, too. What is mounted over /proc comes after the new
// /proc, and PID 1 parts from the application last, before that one gets its session.

import { step, type SpawnRequest, type Step } from '@slipway/native';
import { withTold } from './told-processors.ts';

/** A file, prepared as a mount that hangs nowhere yet, and where it belongs. */
export interface PreparedFile {
  readonly descriptor: number;
  readonly target: string;
}

export interface Additions {
  /** The directories of the group. */
  readonly cgroups: readonly string[];
  readonly init: boolean;
  readonly files: readonly PreparedFile[];
  /** What the environment says of processors; see told-processors.ts. */
  readonly processors?: number | undefined;
}

export function limited(request: SpawnRequest, additions: Additions): SpawnRequest {
  const { program, descriptors = [] } = request;
  const files = reachable(program, additions.files);
  const session = program.findIndex(
    ({ call }) => call === 'newSession' || call === 'openTerminal',
  );
  const at = session === -1 ? program.length - 1 : session;
  return {
    ...request,
    // #hole born-inside: A process can be moved into a group after its start, or be
    // born in it. Only one of the two leaves no moment without limits, and no child of
    // it outside. `additions.cgroups` are the directories.
    cgroups: additions.cgroups,
    // #instead
    // #endhole
    descriptors: [...descriptors, ...files.map(({ descriptor }) => descriptor)],
    program: [
      ...program.slice(0, at),
      ...files.map(({ target }, index) =>
        step.attach(descriptors.length + index, target),
      ),
      ...parting(additions),
      ...program.slice(at).map(one => tell(one, additions.processors)),
    ],
  };
}

function tell(one: Step, processors: number | undefined): Step {
  if (one.call !== 'exec' || processors === undefined) return one;
  return step.exec(one.argv, withTold(one.env, processors));
}

/** --init: PID 1 is not the application. */
function parting({ init }: Additions): readonly Step[] {
  // #hole stay-as-init: The application as PID 1 gets orphans that it does not expect,
  // and no signal that it has no handler for. With --init PID 1 stays what it is and
  // the application becomes its child. One step does that.
  return init ? [step.stayAsInit()] : [];
  // #instead
  // void init;
  // return [];
  // #endhole
}

/** A root of its own need not have a /sys. */
function reachable(
  program: readonly Step[],
  files: readonly PreparedFile[],
): readonly PreparedFile[] {
  const ownRoot = program.some(one => one.call === 'attach' && one.target === '/');
  const sys = program.some(one => one.call === 'mount' && one.type === 'sysfs');
  if (!ownRoot || sys) return files;
  return files.filter(({ target }) => !target.startsWith('/sys/'));
}
