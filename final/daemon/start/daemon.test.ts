import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import { z } from 'zod';
import { ask, placesIn, runDaemon, startEngine, type TestEngine } from './engine.fixture.ts';

const needs = ['root', 'native', 'overlay'] as const;

check(
  'the daemon serves, and takes everything down when it is asked to end',
  { needs },
  async t => {
    const folder = await t.scratch();
    await using engine = await startEngine(folder, ['--label', 'a=b']);
    expect(ask(engine, 'slipway', ['info', '-f', '{{json .Labels}}']).stdout).toBe('["a=b"]\n');
    expect((statSync(engine.socket).mode & 0o777).toString(8)).toBe('660');
    expect((statSync(join(folder, 'data')).mode & 0o777).toString(8)).toBe('710');
    expect(readFileSync(join(folder, 'exec/slipway.pid'), 'utf8')).toBe(`${engine.pid}\n`);
    expect(await engine.end('SIGTERM')).toBe(0);
    expect([existsSync(engine.socket), existsSync(join(folder, 'exec/slipway.pid'))]).toEqual([
      false,
      false,
    ]);
  },
);

check('two daemons on one root are refused, one after a killed one is not', { needs }, async t => {
  const folder = await t.scratch();
  await using first = await startEngine(folder);
  const other = ['-H', `unix://${folder}/other.sock`, ...placesIn(folder)];
  const refused = runDaemon(other);
  expect(refused.stderr).toContain(`another daemon works on ${folder}/data`);
  expect(refused.status).toBe(1);
  await first.end('SIGKILL');
  await using again = await startEngine(folder);
  expect(ask(again, 'slipway', ['version', '-f', '{{.Server.Os}}']).stdout).toBe('linux\n');
});

check('labels are read again on SIGHUP', { needs }, async t => {
  const folder = await t.scratch();
  const file = join(folder, 'daemon.json');
  writeFileSync(file, '{"labels":["a=1"]}');
  await using engine = await startEngine(folder, ['--config-file', file]);
  writeFileSync(file, '{"labels":["a=2"]}');
  process.kill(engine.pid, 'SIGHUP');
  const labels = () => ask(engine, 'slipway', ['info', '-f', '{{json .Labels}}']).stdout;
  await expect.poll(labels, { timeout: 10_000 }).toBe('["a=2"]\n');
});

check(
  'the default bridge is as the flags want it, and stays as it was else',
  { needs },
  async t => {
    const folder = await t.scratch();
    const flags = ['--bip', '10.155.3.1/24', '--mtu'];
    const mtuInside = (engine: TestEngine): string =>
      ask(engine, 'slipway', ['run', '--rm', 'busybox', 'cat', '/sys/class/net/eth0/mtu']).stdout;
    const shown = (engine: TestEngine): string =>
      ask(engine, 'slipway', ['network', 'inspect', '-f', '{{json .}}', 'bridge']).stdout;
    const ipam = z.object({ Id: z.string(), IPAM: z.looseObject({}) });
    await using first = await startEngine(folder, [...flags, '1300']);
    expect(mtuInside(first)).toBe('1300\n');
    const before = ipam.parse(JSON.parse(shown(first)));
    expect(shown(first)).toContain('"Subnet":"10.155.3.0/24"');
    await first.end('SIGTERM');
    await using second = await startEngine(folder, ['--mtu', '1280']);
    expect(mtuInside(second)).toBe('1280\n');
    expect(ipam.parse(JSON.parse(shown(second)))).toEqual(before);
  },
);
