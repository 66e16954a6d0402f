/** A small script stands for QEMU: it misbehaves in every way that a guest can. */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type GuestEnd, type Limits, bootGuest } from './boot.ts';

const home = mkdtempSync(join(tmpdir(), 'slipway-boot-'));
afterAll(() => rmSync(home, { recursive: true }));

const patient: Limits = { bootMs: 30_000, runMs: 30_000 };
const hasty: Limits = { bootMs: 300, runMs: 300 };

async function boot(
  script: string,
  limits: Limits,
  signal = new AbortController().signal,
): Promise<GuestEnd & { readonly output: string }> {
  const folder = mkdtempSync(join(home, 'guest-'));
  mkdirSync(join(folder, 'exchange'));
  const qemu = join(folder, 'qemu');
  writeFileSync(qemu, `#!/bin/bash\ncd ${folder}\necho $$ > pid\n${script}\n`);
  chmodSync(qemu, 0o755);
  let output = '';
  const machine = {
    accelerator: 'tcg',
    image: '/none',
    folder,
    shares: true,
    terminal: false,
  } as const;
  const end = await bootGuest(machine, qemu, limits, {
    up: 'guest is up',
    mark: ['SLIPWAY_VM', 'unit'],
    signal,
    output: text => {
      output += text;
    },
  });
  return { ...end, output };
}

function sleepers(duration: string): readonly string[] {
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name));
  return pids.filter(pid => commandLine(pid) === `sleep\0${duration}\0`);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    // Gone since the folder was listed.
    return '';
  }
}

test('a guest that comes up, speaks and powers off is a whole one', async () => {
  const end = await boot('echo guest is up > console.log; echo hello > exchange/output', patient);
  expect(end).toMatchObject({ failure: undefined, output: 'hello\n', console: 'guest is up\n' });
  expect(end.upAfterMs).toBeGreaterThan(0);
});

test('the last words of a guest are heard', async () => {
  const lines = 'for i in $(seq 2000); do echo line $i; done >> exchange/output';
  const end = await boot(`echo guest is up > console.log; ${lines}`, patient);
  expect(end.output.split('\n').at(-2)).toBe('line 2000');
});

test('a guest that never comes up is ended at its limit, and its console is kept', async () => {
  const end = await boot('echo at the first instruction > console.log; exec sleep 4711.1', hasty);
  expect(end.failure).toBe('the guest was not up after 0.3 s');
  expect(end.console).toContain('at the first instruction');
  expect(sleepers('4711.1')).toEqual([]);
});

test('a guest that does not end is ended', async () => {
  const end = await boot('echo guest is up > console.log; exec sleep 4711.2', {
    ...patient,
    runMs: 300,
  });
  expect(end.failure).toBe('the guest had not ended 0.3 s after it was up');
  expect(sleepers('4711.2')).toEqual([]);
});

test('what QEMU complains about is the reason when it fails', async () => {
  const end = await boot('echo could not open kvm >&2; exit 1', patient);
  expect(end.failure).toBe('QEMU ended with status 1: could not open kvm');
  expect(end.console).toBe('could not open kvm');
});

test('a QEMU that aborts is no success', async () => {
  const end = await boot('kill -ABRT $$', patient);
  expect(end.failure).toMatch(/^QEMU ended with SIGABRT/);
});

test('a guest that powers off too early is no success', async () => {
  const end = await boot('echo slipway: gives up: no disk > console.log', patient);
  expect(end.failure).toBe('the guest ended before "guest is up" was on its console');
});

test('an interrupt ends the guest and is the reason', async () => {
  const end = await boot('exec sleep 4711.3', patient, AbortSignal.abort('interrupted by SIGINT'));
  expect(end.failure).toBe('interrupted by SIGINT');
  expect(sleepers('4711.3')).toEqual([]);
});

test('a QEMU that is not there is thrown', async () => {
  const machine = {
    accelerator: 'tcg',
    image: '/none',
    folder: home,
    shares: true,
    terminal: false,
  } as const;
  const nowhere = bootGuest(machine, join(home, 'nowhere'), patient, {
    up: 'up',
    mark: ['A', 'b'],
    signal: new AbortController().signal,
  });
  // Behind setpriv it is a status; without it, an error of the start itself.
  const end = await nowhere.catch((error: unknown) => ({ failure: String(error) }));
  expect(end.failure).toMatch(/No such file|ENOENT/);
});
