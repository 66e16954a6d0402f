// What this engine is: the job `version`.
//
// - `versionJob`, `engineVersion`, `versionOf()`
// - `VersionAnswer`   as Docker's API has it

import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import { z } from 'zod';
import { jobType } from '../../engine/job.ts';

export const versionJob = jobType<undefined, VersionAnswer>('version');

export interface ApiRange {
  readonly newest: string;
  readonly oldest: string;
}

const packageSchema = z.object({ version: z.string() });

export function engineVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  return packageSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).version;
}

/** Docker calls machines as Go does. */
function goArchitecture(): string {
  const names: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', loong64: 'loong64' };
  return names[process.arch] ?? process.arch;
}

export type VersionAnswer = ReturnType<typeof versionOf>;

export function versionOf(version: string, { newest, oldest }: ApiRange, experimental: boolean) {
  const facts = {
    ApiVersion: newest,
    MinAPIVersion: oldest,
    GitCommit: '',
    GoVersion: '',
    Os: 'linux',
    Arch: goArchitecture(),
    KernelVersion: release(),
    BuildTime: '',
  };
  const details = { ...facts, Experimental: String(experimental), NodeVersion: process.version };
  return {
    Platform: { Name: 'Slipway' },
    Components: [{ Name: 'Engine', Version: version, Details: details }],
    Version: version,
    ...facts,
    ...(experimental && { Experimental: true }),
  };
}
