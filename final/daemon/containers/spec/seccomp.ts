// Docker's form of a seccomp profile becomes that of a runtime configuration.
//
// - `seccompOf(hostConfig, capabilities, usual)`: `{ seccomp }`, or nothing without one
// - `SeccompProfiles`: those that were converted once: the rules that hold here, without their
//   conditions
//
// Nearly every container has the same profile and the same capabilities, and gets the same object:
// who makes a filter of it knows it again.
//
// Docker's rules can depend on capabilities, the machine and the kernel's version (`includes`,
// `excludes`). Source: Docker's documentation of seccomp profiles.

import { arch, release } from 'node:os';
import { z } from 'zod';
import { invalid } from '../../../engine/refusal.ts';
import { complaintOf } from '../../../api/http/complaint.ts';
import { seccompSchema, type Seccomp } from '../../../libcontainer/spec/seccomp.ts';
import { securityOf } from '../create/verify-security.ts';
import { list, maybe } from '../record/go-json.ts';
import type { HostConfig } from '../record/host-config.ts';

const conditionSchema = maybe(
  z.object({
    caps: list(z.string()),
    arches: list(z.string()),
    minKernel: maybe(z.string()),
  }),
);

const profileSchema = z.looseObject({
  architectures: list(z.string()),
  archMap: list(z.object({ architecture: z.string(), subArchitectures: list(z.string()) })),
  syscalls: list(
    z.looseObject({
      name: maybe(z.string()),
      names: list(z.string()),
      args: list(z.looseObject({})),
      includes: conditionSchema,
      excludes: conditionSchema,
    }),
  ),
});

/** What the conditions of rules are about. */
export interface Surroundings {
  readonly capabilities: readonly string[];
  /** As Go calls it: amd64, arm64. */
  readonly arch: string;
  readonly kernel: string;
}

/** So many different ones are kept. */
const most = 64;

export class SeccompProfiles {
  readonly #usual: unknown;
  readonly #converted = new Map<string, Seccomp>();

  /**
   * @param usual the profile of who asks for none; undefined: he has none
   * @throws INVALID if it is no profile
   */
  constructor(usual: unknown) {
    this.#usual = usual;
    if (this.hasUsual) convert(usual, here([]));
  }

  get hasUsual(): boolean {
    return this.#usual !== undefined;
  }

  /** `profile` is its text, or undefined for the usual one. @throws INVALID */
  of(profile: string | undefined, about: Surroundings): Seccomp {
    const key = JSON.stringify([profile, about]);
    const known = this.#converted.get(key);
    if (known !== undefined) return known;
    const made = convert(profile === undefined ? this.#usual : parse(profile), about);
    const [oldest] = this.#converted.keys();
    if (this.#converted.size >= most && oldest !== undefined) this.#converted.delete(oldest);
    this.#converted.set(key, made);
    return made;
  }
}

export function seccompOf(
  hostConfig: HostConfig,
  capabilities: readonly string[],
  profiles: SeccompProfiles,
): { readonly seccomp?: Seccomp } {
  const { seccomp } = securityOf(hostConfig);
  if (seccomp === 'unconfined') return {};
  if (seccomp !== 'default') return { seccomp: profiles.of(seccomp.profile, here(capabilities)) };
  if (hostConfig.Privileged || !profiles.hasUsual) return {};
  return { seccomp: profiles.of(undefined, here(capabilities)) };
}

function here(capabilities: readonly string[]): Surroundings {
  return { capabilities, arch: arch() === 'x64' ? 'amd64' : arch(), kernel: release() };
}

/** It is looked at when the container starts, not before. @throws INVALID in Go's words */
function parse(profile: string): unknown {
  try {
    return JSON.parse(profile);
  } catch (cause) {
    throw invalid(
      `Decoding seccomp profile failed: ${complaintOf(profile).replace('invalid JSON: ', '')}`,
      { cause },
    );
  }
}

/** @throws INVALID naming what is wrong with it */
function convert(profile: unknown, about: Surroundings): Seccomp {
  const refuse = (error: z.ZodError): Error => {
    const [issue] = error.issues;
    const where = `${issue?.path.join('.')}: ${issue?.message}`;
    return invalid(`Decoding seccomp profile failed: ${where}`);
  };
  const read = profileSchema.safeParse(profile);
  if (!read.success) throw refuse(read.error);
  const { architectures, archMap, syscalls, ...rest } = read.data;
  const native = nativeArchitectures[about.arch];
  const mapped = archMap?.find(({ architecture }) => architecture === native);
  const all = mapped ? [mapped.architecture, ...(mapped.subArchitectures ?? [])] : architectures;
  const rules = (syscalls ?? [])
    .filter(rule => holds(rule.includes, about, true) && !holds(rule.excludes, about, false))
    .map(({ name, names, includes: _i, excludes: _e, comment: _c, ...rule }) => ({
      ...rule,
      names: names ?? (name === undefined ? [] : [name]),
    }));
  const result = seccompSchema.safeParse(
    withoutNulls({ ...rest, ...(all && { architectures: all }), syscalls: rules }),
  );
  if (!result.success) throw refuse(result.error);
  return result.data;
}

const nativeArchitectures: Readonly<Record<string, string>> = {
  amd64: 'SCMP_ARCH_X86_64',
  arm64: 'SCMP_ARCH_AARCH64',
};

type Condition = z.output<typeof conditionSchema>;

/** `includes` holds if all of it does, `excludes` if any of it does; an empty one, by default. */
function holds(condition: Condition, about: Surroundings, isInclude: boolean): boolean {
  const { caps, arches, minKernel } = condition ?? {};
  const tests: boolean[] = [];
  if (arches?.length) tests.push(arches.includes(about.arch));
  for (const capability of caps ?? []) tests.push(about.capabilities.includes(capability));
  if (minKernel !== undefined) tests.push(compareVersions(about.kernel, minKernel) >= 0);
  return isInclude ? tests.every(Boolean) : tests.some(Boolean);
}

function compareVersions(a: string, b: string): number {
  const [first, second] = [a, b].map(text => text.split(/[.-]/).map(Number));
  const [major, minor] = [0, 1].map(part => (first?.[part] ?? 0) - (second?.[part] ?? 0));
  return major || minor || 0;
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const present = Object.entries(value).filter(([, member]) => member !== null);
  return Object.fromEntries(present.map(([key, member]) => [key, withoutNulls(member)]));
}
