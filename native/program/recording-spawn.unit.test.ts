/** The fake kernel keeps the promises that tests build on. */
import { expect, test } from 'vitest';
import { ProgramError } from './check-program.ts';
import { step } from './program.ts';
import { recordingSpawn } from './recording-spawn.ts';

const exec = step.exec(['true'], []);

test('it remembers each request and runs nothing', async () => {
  const { spawn, requests } = recordingSpawn();
  const request = { program: [exec], namespaces: ['pid'] as const };
  const child = await spawn(request);
  expect(requests).toEqual([request]);
  expect(await child.wait()).toEqual({ code: 0 });
});

test('it refuses what spawn would refuse', async () => {
  const { spawn, requests } = recordingSpawn();
  await expect(spawn({ program: [] })).rejects.toBeInstanceOf(ProgramError);
  expect(requests).toEqual([]);
});

test('barriers are met in order, each with the child', async () => {
  const { spawn, barriers } = recordingSpawn();
  const seen: string[] = [];
  await spawn({
    program: [step.barrier('one'), step.barrier('two'), exec],
    onBarrier: (name, child) => {
      seen.push(`${name} ${child.pid}`);
    },
  });
  expect(seen).toEqual(['one 101', 'two 101']);
  expect(barriers).toEqual(['one', 'two']);
});

test('its children end as the script says, and their signals are noted', async () => {
  const { spawn, signals } = recordingSpawn({ status: { signal: 'SIGKILL' } });
  const child = await spawn({ program: [exec] });
  expect(child.kill('SIGTERM')).toBe(true);
  expect(signals).toEqual(['SIGTERM']);
  expect(await child.wait()).toEqual({ signal: 'SIGKILL' });
});

test('a scripted failure rejects, as a refused step does', async () => {
  const { spawn } = recordingSpawn({ failure: new Error('no') });
  await expect(spawn({ program: [exec] })).rejects.toThrow('no');
});
