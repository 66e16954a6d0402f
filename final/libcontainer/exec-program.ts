// A second process in a container: what `docker exec` is.
//
// - `execProgram(parts)`: a request for a keeper, without its streams
//
// It joins what the container has of its own, by the pidfd of its first process, and is born into
// its control groups; its rights are its own, and the filter is the container's. Source: setns(2).

import { joinByPidfd, type Namespace } from '@slipway/native';
import type { ContainerProgram } from './program.ts';
import { filterFlags, processSteps, scoreSteps } from './program/process.ts';
import type { Seccomp } from './spec/seccomp.ts';
import type { SpecProcess } from './spec.ts';

export interface ExecParts {
  readonly process: SpecProcess;
  /** Of the container's first process. */
  readonly pidfd: number;
  /** In which it has a view of its own. */
  readonly namespaces: readonly Namespace[];
  readonly cgroups: readonly string[];
  /** Of the compiled filter, and what it was made from. */
  readonly filter: { readonly descriptor: number; readonly seccomp: Seccomp } | undefined;
  readonly size: { readonly rows: number; readonly columns: number };
}

/** @throws Refusal INVALID */
export function execProgram(parts: ExecParts): ContainerProgram {
  const { process, pidfd, namespaces, cgroups, filter, size } = parts;
  const options = {
    staysAsInit: false,
    size,
    ...(filter && { filter: { index: 1, flags: filterFlags(filter.seccomp) } }),
  };
  return {
    namespaces: [],
    cgroups,
    descriptors: [pidfd, ...(filter ? [filter.descriptor] : [])],
    program: [
      ...scoreSteps(process),
      ...joinByPidfd(namespaces),
      ...processSteps(process, options),
    ],
  };
}
