// A platform as callers write it: `linux/amd64`, `linux`, `amd64`, `linux/arm/v7`.
//
// - `parsePlatform(written)`: its parts; throws INVALID with containerd's words
// - `imagePlatform(written)`: for which machine an image is to be; undefined if nothing is said
// - `fits(platform, image)`: whether an image is of it
//
// Source: containerd, platform specifiers.

import { invalid } from '../engine/refusal.ts';
import { ownPlatform } from '../libcontainer/layers.ts';

export interface Platform {
  readonly os: string | undefined;
  readonly architecture: string | undefined;
  readonly variant: string | undefined;
}

const systems = new Set([
  ...['aix', 'android', 'darwin', 'dragonfly', 'freebsd', 'illumos', 'ios', 'js', 'linux'],
  ...['netbsd', 'openbsd', 'plan9', 'solaris', 'windows'],
]);
const architectures = new Set([
  ...['386', 'amd64', 'arm', 'armbe', 'arm64', 'loong64', 'mips', 'mipsle', 'mips64', 'mips64le'],
  ...['ppc64', 'ppc64le', 'riscv64', 's390x', 'sparc64', 'wasm'],
]);
const sameAs: Readonly<Record<string, string>> = {
  ...{ x86_64: 'amd64', 'x86-64': 'amd64', aarch64: 'arm64', i386: '386' },
  macos: 'darwin',
};

export function parsePlatform(written: string): Platform {
  const refuse = (why: string): Error => invalid(`"${written}": ${why}: invalid argument`);
  const parts = written.split('/');
  if (parts.length > 3) throw refuse('cannot parse platform specifier');
  for (const part of parts) {
    if (/^[A-Za-z0-9_.-]+$/.test(part)) continue;
    throw invalid(
      `"${part}" is an invalid component of "${written}": platform specifier component ` +
        'must match "^[A-Za-z0-9_.-]+$": invalid argument',
    );
  }
  const [first = '', second, third] = parts
    .map(part => part.toLowerCase())
    .map(part => sameAs[part] ?? part);
  if (second !== undefined) return { os: first, architecture: second, variant: third };
  if (systems.has(first)) return { os: first, architecture: undefined, variant: undefined };
  const architecture = first;
  if (!architectures.has(architecture)) throw refuse('unknown operating system or architecture');
  return { os: undefined, architecture, variant: undefined };
}

export interface ImagePlatform {
  readonly os: string;
  readonly architecture: string;
}

/** @throws Refusal INVALID, also for a system whose programs do not run here */
export function imagePlatform(written: string | undefined): ImagePlatform | undefined {
  if (written === undefined || written === '') return undefined;
  const { os = 'linux', architecture = ownPlatform().architecture } = parsePlatform(written);
  if (os !== 'linux') throw invalid('operating system is not supported');
  return { os, architecture };
}

export function fits(
  { os, architecture }: Platform,
  image: { readonly os: string; readonly architecture: string },
): boolean {
  return (
    (os === undefined || os === image.os) &&
    (architecture === undefined || architecture === image.architecture)
  );
}
