// The last part of a program: who the process is, what it may do, and what it becomes.
//
// - `scoreSteps(process)`: how soon memory's shortage ends it; first of all, in the host's /proc
// - `processSteps(process, options)`: from the limits to `exec`
//
// Order. Limits and folder while it is root still. The ids, which leave its rights held but not in
// effect. Then rights and filter: to install a filter takes either no_new_privs or a right, so
//
//   with no_new_privs      capabilities ── no_new_privs ── seccomp
//   without                seccomp ── capabilities
//
// An init that stays, and the terminal, come last: what stays as PID 1 may do no more than the
// application, and the terminal belongs to its user. To open that takes descriptors: who is left
// few of them is bound to it only when he has it. Source: capabilities(7), seccomp(2).

import {
  capabilityNames,
  resourceNames,
  step,
  type Capability,
  type ResourceName,
  type SeccompFlag,
  type Step,
} from '@slipway/native';
import { invalid } from '../../engine/refusal.ts';
import type { Seccomp } from '../spec/seccomp.ts';
import type { SpecCapabilities, SpecProcess, SpecRlimit } from '../spec.ts';

export interface ProcessOptions {
  /** The number of its filter in the request, and how it is installed. */
  readonly filter?: { readonly index: number; readonly flags: readonly SeccompFlag[] };
  readonly staysAsInit: boolean;
  readonly size: { readonly rows: number; readonly columns: number };
}

export function scoreSteps({ oomScoreAdj }: SpecProcess): readonly Step[] {
  return oomScoreAdj === undefined ? [] : [step.setOomScore(oomScoreAdj)];
}

/** @throws Refusal INVALID for a limit that the kernel does not have */
export function processSteps(process: SpecProcess, options: ProcessOptions): readonly Step[] {
  const { user, cwd, rlimits = [], args, env = [] } = process;
  const { size } = options;
  const late = rlimits.filter(limit => process.terminal === true && isNarrow(limit));
  const early = rlimits.flatMap(limit => (late.includes(limit) ? widened(limit) : limit));
  return [
    ...early.map(limitStep),
    ...(user.umask === undefined ? [] : [step.setUmask(user.umask)]),
    step.changeDirectory(cwd),
    step.setIds(user.uid, user.gid, user.additionalGids ?? []),
    ...rightsSteps(process, options),
    ...(options.staysAsInit ? [step.stayAsInit()] : []),
    process.terminal === true ? step.openTerminal(size.rows, size.columns) : step.newSession(),
    ...late.map(limitStep),
    step.exec(args, env),
  ];
}

function rightsSteps(process: SpecProcess, { filter }: ProcessOptions): readonly Step[] {
  const { capabilities, noNewPrivileges = false } = process;
  const rights = capabilities === undefined ? [] : [step.setCapabilities(setsOf(capabilities))];
  const installed = filter === undefined ? [] : [step.installSeccomp(filter.index, filter.flags)];
  if (noNewPrivileges) return [...rights, step.noNewPrivileges(), ...installed];
  return [...installed, ...rights];
}

function setsOf({ bounding, effective, permitted, inheritable, ambient }: SpecCapabilities) {
  return {
    bounding: known(bounding),
    effective: known(effective),
    permitted: known(permitted),
    inheritable: known(inheritable),
    ambient: known(ambient),
  };
}

/** A name of a newer kernel means nothing here. */
function known(names: readonly string[] = []): readonly Capability[] {
  return capabilityNames.filter(name => names.includes(name));
}

/** Fewer than what an init has open before it is one; a soft limit alone counts as well. */
function isNarrow({ type, soft }: SpecRlimit): boolean {
  return type.toLowerCase().endsWith('nofile') && amount(soft) >= 0 && soft < 1024;
}

/** Whoever may have more of them later has to be told so while it is root. */
function widened(limit: SpecRlimit): readonly SpecRlimit[] {
  const wide = { ...limit, soft: limit.hard };
  return isNarrow(wide) ? [] : [wide];
}

function limitStep({ type, soft, hard }: SpecRlimit): Step {
  const resource = type.replace(/^RLIMIT_/, '').toLowerCase();
  if (!isResource(resource)) throw invalid(`invalid rlimit type: ${type}`);
  return step.setRlimit(resource, amount(soft), amount(hard));
}

function isResource(name: string): name is ResourceName {
  return resourceNames.some(resource => resource === name);
}

/** RLIM_INFINITY, and every number that is no exact one of JSON's any more, is no limit. */
function amount(value: number): number {
  return Number.isSafeInteger(value) && value >= 0 ? value : -1;
}

const flags: Readonly<Record<string, SeccompFlag>> = {
  SECCOMP_FILTER_FLAG_LOG: 'log',
  SECCOMP_FILTER_FLAG_SPEC_ALLOW: 'spec-allow',
  SECCOMP_FILTER_FLAG_TSYNC: 'tsync',
};

/** Without a word about it a filter does not slow the processor's speculation down. */
export function filterFlags(seccomp: Seccomp): readonly SeccompFlag[] {
  const asked = seccomp.flags ?? ['SECCOMP_FILTER_FLAG_SPEC_ALLOW'];
  return asked.map(name => {
    const flag = flags[name];
    if (flag === undefined) throw invalid(`the seccomp flag ${name} is not supported`);
    return flag;
  });
}
