// A fake kernel: it runs nothing, remembers every request, and refuses what `spawn` would refuse.
//
// - `recordingSpawn(script?)`: a `Spawn` with the list of requests that it got
//
// With it a test can say which program an option leads to, as anybody, on any system.

import { checkProgram, ProgramError } from './check-program.ts';
import type { Child, ExitStatus } from '../process/child.ts';
import type { Spawn, SpawnRequest } from '../process/spawn.ts';

export interface RecordingSpawn {
  readonly spawn: Spawn;
  readonly requests: readonly SpawnRequest[];
  /** Signals sent to the children, in order. */
  readonly signals: readonly (NodeJS.Signals | number)[];
  /** Names of the barriers that were met, in order. */
  readonly barriers: readonly string[];
}

export interface RecordingScript {
  /** How each child ends. Default: `{ code: 0 }`. */
  readonly status?: ExitStatus;
  /** What `spawn` rejects with, as if a step had been refused. */
  readonly failure?: Error;
}

/** A recorder whose children meet their barriers in order and end as `script` says. */
export function recordingSpawn(script: RecordingScript = {}): RecordingSpawn {
  const requests: SpawnRequest[] = [];
  const signals: (NodeJS.Signals | number)[] = [];
  const barriers: string[] = [];
  const spawn: Spawn = async request => {
    const problems = checkProgram({
      program: request.program,
      namespaces: request.namespaces ?? [],
      descriptorCount: request.descriptors?.length ?? 0,
    });
    if (problems.length > 0) throw new ProgramError(problems);
    requests.push(request);
    const child = fakeChild(100 + requests.length, script.status ?? { code: 0 }, signals);
    for (const step of request.program) {
      if (step.call !== 'barrier') continue;
      barriers.push(step.name);
      await request.onBarrier?.(step.name, child);
    }
    if (script.failure !== undefined) throw script.failure;
    return child;
  };
  return { spawn, requests, signals, barriers };
}

function fakeChild(pid: number, status: ExitStatus, signals: (NodeJS.Signals | number)[]): Child {
  return {
    pid,
    pidfd: -1,
    stdin: undefined,
    stdout: undefined,
    stderr: undefined,
    terminal: undefined,
    timings: [],
    wait: () => Promise.resolve(status),
    kill: signal => {
      signals.push(signal);
      return true;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
