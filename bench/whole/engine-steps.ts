/**
 * The program of the engine's container, for the floor program: as the engine makes it, but for
 * the network, which the floor program makes by calls of its own.
 *
 * - engineSteps(places)  → { namespaces, options }
 *
 * The mounts that it attaches are numbered as floor/root.c opens them: the root, the files, the
 * volume, then the groups.
 */
import { basename, dirname } from 'node:path';
import type { Namespace } from '@slipway/native';
import { containerProgram } from '../../final/libcontainer/program.ts';
import { compileSeccomp } from '../../final/libcontainer/seccomp/filter.ts';
import { usualSpec } from '../../final/libcontainer/usual-spec.fixture.ts';
import { stepOptions } from '../floor-options.ts';

export interface EnginePlaces {
  /** Of the files and the volume, in the order in which they are opened. */
  readonly targets: readonly string[];
  /** Directories of its control groups. */
  readonly groups: readonly string[];
}

export function engineSteps({ targets, groups }: EnginePlaces) {
  const spec = usualSpec(['/bin/true']);
  const { seccomp } = spec.linux;
  const first = 1 + targets.length;
  const { namespaces, program, descriptors } = containerProgram({
    ...{ spec, root: 0, network: { mode: 'host' }, cgroups: [], joined: new Map() },
    mounts: targets.map((target, index) => ({ target, descriptor: 1 + index })),
    groupMounts: groups.map((directory, index) => ({
      ...{ name: basename(dirname(directory)), descriptor: first + index, links: [] },
    })),
    ...{ filter: -1, staysAsInit: false, size: { rows: 24, columns: 80 } },
  });
  const filter = seccomp === undefined ? '' : Buffer.from(compileSeccomp(seccomp)).toString('hex');
  const options = program.slice(0, -1).flatMap(step => {
    if (step.call === 'installSeccomp') return [`--seccomp=${filter}`];
    const isAttached = step.call === 'attach';
    return stepOptions(
      isAttached ? { ...step, descriptor: descriptors[step.descriptor] ?? 0 } : step,
      'opened',
    );
  });
  const all: readonly Namespace[] = [...namespaces, 'net'];
  return { namespaces: all, options: [...groups.map(one => `--clone=${one}`), ...options] };
}
