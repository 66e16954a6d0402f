// What a process may do and use, as a person reads it: part of `explain.ts`.
//
// - `RightsStep`: the steps of this family
// - `explainRights`: one step's calls and its reason
// - `Explained`: what a person reads of any step

import type { Capability } from './names.ts';
import type { Step } from './program.ts';

export interface Explained {
  /** The calls as they would stand in C. */
  readonly code: string;
  readonly why: string;
}

export type RightsStep = Extract<
  Step,
  {
    call:
      | 'setSysctl'
      | 'setOomScore'
      | 'setRlimit'
      | 'setUmask'
      | 'setCapabilities'
      | 'noNewPrivileges'
      | 'installSeccomp';
  }
>;

export function explainRights(step: RightsStep): Explained {
  switch (step.call) {
    case 'setSysctl':
      return {
        code: `write("/proc/sys/${step.name}", ${JSON.stringify(step.value)})`,
        why: 'a setting that its namespaces have for themselves',
      };
    case 'setOomScore':
      return {
        code: `write("/proc/self/oom_score_adj", "${step.score}")`,
        why: 'whom the kernel ends first when memory is short',
      };
    case 'setRlimit':
      return {
        code:
          `setrlimit(RLIMIT_${step.resource.toUpperCase()}, ` +
          `{${limit(step.soft)}, ${limit(step.hard)}})`,
        why: 'a limit of each process, beside those of the group',
      };
    case 'setUmask':
      return {
        code: `umask(0${step.mask.toString(8)})`,
        why: 'which permissions new files do not get',
      };
    case 'setCapabilities':
      return {
        code:
          `prctl(PR_CAPBSET_DROP, all but ${step.bounding.length}); ` +
          `capset(${shown(step.effective)})`,
        why: "of root's rights only these, and no program can get others back",
      };
    case 'noNewPrivileges':
      return { code: 'prctl(PR_SET_NO_NEW_PRIVS, 1)', why: 'a set-uid program grants nothing' };
    case 'installSeccomp':
      return {
        code: `seccomp(SECCOMP_SET_MODE_FILTER, descriptor ${step.descriptor})`,
        why: 'a filter in front of every system call, for good',
      };
  }
}

function limit(value: number): string {
  return value === -1 ? 'RLIM_INFINITY' : String(value);
}

function shown(names: readonly Capability[]): string {
  if (names.length === 0) return 'none';
  const first = names.slice(0, 3).join('|');
  return names.length > 3 ? `${first} and ${names.length - 3} more` : first;
}
