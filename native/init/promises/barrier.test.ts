/** Where the container waits for us, and what we do meanwhile. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { check } from '@slipway/lab/check.ts';
import type { Child } from '../../process/child.ts';
import { collect, shell } from '../../process/collect.ts';
import { step } from '../../program/program.ts';
import { spawn } from '../../process/spawn.ts';

const needs = ['root', 'native', 'tool:busybox'] as const;

/** The ids of a new user namespace: a range of 1000, from 100000 on outside. */
function writeRanges(child: Child): void {
  writeFileSync(`/proc/${child.pid}/uid_map`, '0 100000 1000');
  writeFileSync(`/proc/${child.pid}/gid_map`, '0 100000 1000');
}

check('barriers come in order, and the child stands still at each', { needs }, async () => {
  const seen: string[] = [];
  const { stdout } = await collect({
    namespaces: ['uts'],
    program: [
      step.barrier('before'),
      step.setHostname('box'),
      step.barrier('after'),
      shell('echo done'),
    ],
    onBarrier: async (name, child) => {
      seen.push(`${name}: ${readFileSync(`/proc/${child.pid}/comm`, 'utf8').trim()}`);
      await new Promise(resolve => setTimeout(resolve, 20));
      seen.push(`${name} is over`);
    },
  });
  // The kernel names a program that was executed by its descriptor after that descriptor.
  const name = seen[0]?.split(': ')[1];
  expect(seen).toEqual([`before: ${name}`, 'before is over', `after: ${name}`, 'after is over']);
  expect(name).not.toBe('busybox');
  expect(stdout).toBe('done\n');
});

check('a barrier whose callback throws leaves nothing', { needs }, async () => {
  let pid = 0;
  const started = spawn({
    namespaces: ['pid', 'mount'],
    program: [step.barrier('never'), shell('true')],
    onBarrier: (_, child) => {
      ({ pid } = child);
      throw new RangeError('the network is not ready');
    },
  });
  await expect(started).rejects.toThrow('the network is not ready');
  expect(pid).toBeGreaterThan(0);
  expect(existsSync(`/proc/${pid}`)).toBe(false);
});

check('a barrier that nobody answers is an error, not a wait for ever', { needs }, async () => {
  const started = spawn({ program: [step.barrier('lonely'), shell('true')] });
  await expect(started).rejects.toThrow('nobody answers at the barrier lonely');
});

check('at a barrier root maps a range of ids, and the child takes them', { needs }, async () => {
  const { stdout } = await collect({
    namespaces: ['user', 'mount', 'pid'],
    program: [step.barrier('id-maps'), step.setIds(7, 8, [9]), shell('id; cat /proc/self/uid_map')],
    onBarrier: (_, child) => writeRanges(child),
  });
  expect(stdout).toMatch(/^uid=7.* gid=8.* groups=9/);
  expect(stdout.split('\n')[1]?.trim().split(/\s+/)).toEqual(['0', '100000', '1000']);
});

check('an id that is not in the map is refused, with its number', { needs }, async () => {
  const started = collect({
    namespaces: ['user'],
    program: [step.barrier('id-maps'), step.setIds(5000, 0), shell('true')],
    onBarrier: (_, child) => writeRanges(child),
  });
  await expect(started).rejects.toThrow(
    'step 1 (setIds): setresuid(5000, 5000, 5000): EINVAL: ' +
      'the uid is not in the uid_map of this user namespace',
  );
});

check('without maps an application in a user namespace has no rights', { needs }, async () => {
  const script = 'grep -E "^Cap(Inh|Prm|Eff|Amb)" /proc/self/status; id -u';
  const { stdout } = await collect({ namespaces: ['user'], program: [shell(script)] });
  expect(stdout.match(/0{16}/g)).toHaveLength(4);
  expect(stdout.trim().split('\n').at(-1)).toBe('65534');
});

check('as uid 0 of its user namespace it has all rights there', { needs }, async () => {
  const { stdout } = await collect({
    namespaces: ['user'],
    program: [
      step.barrier('id-maps'),
      step.setIds(0, 0, []),
      shell('grep -E "^Cap(Prm|Eff|Amb|Inh)" /proc/self/status'),
    ],
    onBarrier: (_, child) => writeRanges(child),
  });
  const sets = Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map(line => line.split(/:\s+/) as [string, string]),
  );
  expect(sets.CapEff).toBe(sets.CapPrm);
  expect(BigInt(`0x${sets.CapEff}`)).toBeGreaterThan(0n);
  expect([sets.CapAmb, sets.CapInh]).toEqual(['0'.repeat(16), '0'.repeat(16)]);
});
