/** Descriptors 0 to 2: pipes with back-pressure, /dev/null, our own, and somebody's file. */
import { createHash, randomBytes } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { buffer, text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { expect } from 'vitest';
import { check } from '@slipway/lab/check.ts';
import { path, shell } from './collect.ts';
import { step } from '../program/program.ts';
import { spawn } from './spawn.ts';

const needs = ['native', 'tool:busybox'] as const;
const cat = step.exec(['busybox', 'cat'], [path]);

check('a mebibyte goes through cat unchanged, however slowly it is read', { needs }, async () => {
  await using child = await spawn({ program: [cat], stdio: ['pipe', 'pipe', 'null'] });
  const { stdin, stdout } = child;
  if (stdin === undefined || stdout === undefined) throw new Error('no pipes');
  const sent = randomBytes(1 << 20);
  const sending = pipeline(Readable.from(sent), stdin);
  // Nothing is read for a while: the pipes fill, and the sender has to stand still.
  await new Promise(resolve => setTimeout(resolve, 50));
  const received = await buffer(stdout);
  await sending;
  const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
  expect(digest(received)).toBe(digest(sent));
  expect(await child.wait()).toEqual({ code: 0 });
});

check('an ended stdin is the end of file inside', { needs }, async () => {
  await using child = await spawn({
    program: [shell('read line || echo at the end')],
    stdio: ['pipe', 'pipe', 'null'],
  });
  child.stdin?.end();
  expect(child.stdout && (await text(child.stdout))).toBe('at the end\n');
});

check('writing to an application that does not read is no crash of ours', { needs }, async () => {
  await using child = await spawn({
    program: [shell('exec <&-; exit 4')],
    stdio: ['pipe', 'null', 'null'],
  });
  expect(await child.wait()).toEqual({ code: 4 });
  const told = new Promise(resolve => child.stdin?.write('too late', resolve));
  expect(await told).toMatchObject({ code: 'EPIPE' });
});

check('"null" reads as empty and swallows what is written', { needs }, async () => {
  await using child = await spawn({
    program: [
      shell(
        'cat; echo gone; links=$(cd /proc/$$/fd; for n in 0 1 2; do readlink $n; done); echo "$links" >&2',
      ),
    ],
    stdio: ['null', 'null', 'pipe'],
  });
  expect(child.stderr && (await text(child.stderr))).toMatch(/^\/dev\/null\n\/dev\/null\npipe:/);
  expect([child.stdin, child.stdout]).toEqual([undefined, undefined]);
});

check('a descriptor of ours becomes the stream, and stays ours', { needs }, async ({ scratch }) => {
  const file = `${await scratch()}/log`;
  const descriptor = openSync(file, 'w');
  {
    await using child = await spawn({
      program: [shell('echo out; echo err >&2')],
      stdio: ['null', descriptor, descriptor],
    });
    await child.wait();
  }
  closeSync(descriptor);
  expect(readFileSync(file, 'utf8')).toBe('out\nerr\n');
});

check(
  'streams may be crossed: each descriptor goes to its own number',
  { needs },
  async ({ scratch }) => {
    const folder = await scratch();
    const files = ['a', 'b'].map(name => openSync(`${folder}/${name}`, 'w'));
    await using child = await spawn({
      program: [shell('echo one; echo two >&2')],
      stdio: ['null', files[1] ?? -1, files[0] ?? -1],
    });
    await child.wait();
    files.forEach(closeSync);
    expect(readFileSync(`${folder}/b`, 'utf8')).toBe('one\n');
    expect(readFileSync(`${folder}/a`, 'utf8')).toBe('two\n');
  },
);

check('the own streams may be crossed, too', { needs }, () => {
  const script = `
    const { spawn } = await import(${JSON.stringify(import.meta.dirname)} + '/spawn.ts');
    const { shell } = await import(${JSON.stringify(import.meta.dirname)} + '/collect.ts');
    const program = [shell('echo one; echo two >&2')];
    await (await spawn({ program, stdio: ['inherit', 2, 1] })).wait();`;
  const options = { encoding: 'utf8' } as const;
  const found = spawnSync(process.execPath, ['--input-type=module', '-e', script], options);
  expect([found.stdout, found.stderr]).toEqual(['two\n', 'one\n']);
});

check('a descriptor that is not open is refused, and nothing is left', { needs }, async () => {
  const started = spawn({ program: [shell('true')], stdio: ['null', 999, 'null'] });
  await expect(started).rejects.toThrow('fcntl(999, F_GETFD): EBADF');
});
