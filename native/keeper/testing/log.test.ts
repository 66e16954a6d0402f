/** The log: the same bytes as Docker would write, turned over at the same lines, never in the way. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { check } from '@slipway/lab/check.ts';
import { path, shell } from '../../process/collect.ts';
import { step, type Step } from '../../program/program.ts';
import { jsonFile, withoutTimes } from './json-file.ts';
import { withKeeper } from './keeping.ts';

const needs = ['root', 'native', 'tool:busybox'] as const;

const cat = (file: string): Step => step.exec(['busybox', 'cat', file], [path]);

/** Bytes as programs write them, and as they should not. */
const output = fc
  .array(
    fc.oneof(
      { weight: 3, arbitrary: fc.string({ unit: 'grapheme' }).map(text => Buffer.from(text)) },
      { weight: 2, arbitrary: fc.constant(Buffer.from('\n')) },
      { weight: 2, arbitrary: fc.uint8Array({ maxLength: 40 }).map(bytes => Buffer.from(bytes)) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.integer({ min: 16_300, max: 16_500 }), fc.constantFrom('x', 'ä', '€', '<'))
          .map(([count, text]) => Buffer.from(text.repeat(count))),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom('\u2028', '\u2029', '\uFFFD', '"\\', '\r\t\0').map(Buffer.from),
      },
    ),
    { maxLength: 20 },
  )
  .map(parts => Buffer.concat(parts));

check('any output becomes the lines that Docker would write', { needs }, context =>
  withKeeper(context, async (keeper, folder) => {
    let number = 0;
    await fc.assert(
      fc.asyncProperty(output, async bytes => {
        const name = `run-${(number += 1)}`;
        writeFileSync(`${folder}/${name}`, bytes);
        const log = { folder, file: `${name}.log` };
        const child = await keeper.spawn({ name, program: [cat(`${folder}/${name}`)], log });
        await child.wait();
        const written = readFileSync(`${folder}/${name}.log`, 'utf8');
        expect(withoutTimes(written)).toBe(jsonFile('stdout', bytes));
      }),
      { numRuns: 150 },
    );
  }),
);

check('each stream has its name, and attributes stand in each line', { needs }, context =>
  withKeeper(context, async (keeper, folder) => {
    const log = { folder, file: 'log', attributes: '{"tag":"a<b"}' };
    const program = [shell('echo out; sleep 0.1; printf error >&2')];
    await (await keeper.spawn({ name: 'main', program, log })).wait();
    const lines = readFileSync(`${folder}/log`, 'utf8');
    expect(withoutTimes(lines)).toMatchInlineSnapshot(`
      "{"log":"out\\n","stream":"stdout","attrs":{"tag":"a<b"},"time":"T"}
      {"log":"error","stream":"stderr","attrs":{"tag":"a<b"},"time":"T"}
      "
    `);
    expect(statSync(`${folder}/log`).mode & 0o777).toBe(0o640);
  }),
);

check('a line is in the file when it is complete, not later', { needs }, context =>
  withKeeper(context, async (keeper, folder) => {
    const program = [shell('echo first; printf sec; read line; echo ond')];
    const stdio = ['pipe', 'pipe', 'pipe'] as const;
    const log = { folder, file: 'log' };
    const child = await keeper.spawn({ name: 'main', program, stdio, log });
    const written = (): string => withoutTimes(readFileSync(`${folder}/log`, 'utf8'));
    while (written() !== jsonFile('stdout', Buffer.from('first\n'))) {
      await new Promise(resolve => setTimeout(resolve, 10));
    }
    await child.closeStdin();
    await child.wait();
    expect(written()).toBe(jsonFile('stdout', Buffer.from('first\nsecond\n')));
  }),
);

check('a full file is turned over before the next line, and the oldest goes', { needs }, context =>
  withKeeper(context, async (keeper, folder) => {
    mkdirSync(`${folder}/logs`);
    const log = { folder: `${folder}/logs`, file: 'log', maxBytes: 10_000, maxFiles: 3 };
    const program = [step.exec(['busybox', 'seq', '1', '2000'], [path])];
    await (await keeper.spawn({ name: 'main', program, log })).wait();
    expect(readdirSync(log.folder).toSorted()).toEqual(['log', 'log.1', 'log.2']);
    const files = ['log.2', 'log.1', 'log'].map(file =>
      readFileSync(`${log.folder}/${file}`, 'utf8'),
    );
    const numbers = files.flatMap(text =>
      text.split('\n').flatMap(line => (line === '' ? [] : [Number(JSON.parse(line).log)])),
    );
    const first = numbers[0] ?? 0;
    expect(numbers).toEqual(Array.from({ length: 2001 - first }, (_, index) => first + index));
    for (const text of files.slice(0, 2)) {
      const last = text.trimEnd().lastIndexOf('\n') + 1;
      expect([text.length >= 10_000, last < 10_000]).toEqual([true, true]);
    }
  }),
);

check('one file alone is emptied when it is full', { needs }, context =>
  withKeeper(context, async (keeper, folder) => {
    mkdirSync(`${folder}/logs`);
    const log = { folder: `${folder}/logs`, file: 'log', maxBytes: 1000 };
    const program = [step.exec(['busybox', 'seq', '1', '500'], [path])];
    await (await keeper.spawn({ name: 'main', program, log })).wait();
    expect(readdirSync(log.folder)).toEqual(['log']);
    expect(readFileSync(`${log.folder}/log`, 'utf8')).toMatch(/"log":"500\\n".*\n$/);
  }),
);

check('a log goes on where a former one has ended', { needs }, context =>
  withKeeper(context, async (keeper, folder) => {
    const log = { folder, file: 'log' };
    for (const word of ['one', 'two']) {
      await (await keeper.spawn({ name: word, program: [shell(`echo ${word}`)], log })).wait();
    }
    const lines = jsonFile('stdout', Buffer.from('one\ntwo\n'));
    expect(withoutTimes(readFileSync(`${folder}/log`, 'utf8'))).toBe(lines);
  }),
);

check('a full disk loses lines, never half of one, and holds up nobody', { needs }, context =>
  withKeeper(context, async (keeper, folder) => {
    const disk = `${folder}/disk`;
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk]);
    try {
      const program = [step.exec(['busybox', 'seq', '1', '100000'], [path])];
      const log = { folder: disk, file: 'log' };
      const ending = await (await keeper.spawn({ name: 'main', program, log })).wait();
      const lines = readFileSync(`${disk}/log`, 'utf8').split('\n');
      expect(lines.pop()).toBe('');
      expect(lines.map(line => Number(JSON.parse(line).log)).at(0)).toBe(1);
      expect(ending.lostLines).toBe(100_000 - lines.length);
    } finally {
      execFileSync('umount', [disk]);
    }
  }),
);

check('a log that cannot be opened is an error before anything runs', { needs }, context =>
  withKeeper(context, async (keeper, folder) => {
    mkdirSync(`${folder}/log`);
    const spawned = (file: string): Promise<unknown> =>
      keeper.spawn({ name: 'main', program: [shell('true')], log: { folder, file } });
    await expect(spawned('log')).rejects.toThrow('EISDIR');
    await expect(spawned('../log')).rejects.toThrow('EINVAL');
  }),
);
