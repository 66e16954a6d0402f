/** What a keeper is sent by mistake or malice costs its sender the connection, and nobody else. */
import { closeSync, openSync, readdirSync, statSync } from 'node:fs';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { check } from '@slipway/lab/check.ts';
import { native, receive, whenReadable } from '../../binding.ts';
import { shell } from '../../process/collect.ts';
import { withKeeper } from './keeping.ts';

const needs = ['root', 'native', 'tool:busybox'] as const;

/** What the keeper in `folder` says to `packets`: the words after its greeting, or its end. */
async function said(
  folder: string,
  packets: readonly { readonly text: string; readonly descriptors?: readonly number[] }[],
): Promise<readonly string[]> {
  const connection = native().connectKeeper(folder);
  if (connection === null) throw new Error('no keeper');
  try {
    for (const { text, descriptors = [] } of packets) {
      native().sendOrder(connection, text, [...descriptors]);
    }
    const words: string[] = [];
    for (;;) {
      await whenReadable(connection);
      for (const { text, descriptor } of receive(connection)) {
        if (descriptor !== -1) native().close(descriptor);
        if (text === '') return [...words, 'the end'];
        const word: { readonly type: string } = JSON.parse(text);
        if (!['hello', 'child', 'known'].includes(word.type)) words.push(text);
      }
      if (words.length >= packets.length) return words;
    }
  } finally {
    native().close(connection);
  }
}

for (const [what, text] of [
  ['no JSON', 'hello'],
  ['half an order', '{"order":"inp'],
  ['an unknown order', '{"order":"dance"}'],
  ['an unknown field', '{"order":"input","name":"x","now":true}'],
  ['a wrong type', '{"order":"input","name":7}'],
  ['bytes that are no text', '\u0000\u0001'],
  ['a nested thing', '['.repeat(30_000)],
] as const) {
  check(`${what} ends the connection that it came on`, { needs }, context =>
    withKeeper(context, async (keeper, folder) => {
      expect(await said(folder, [{ text }])).toEqual(['the end']);
      const child = await keeper.spawn({ name: 'main', program: [shell('exit 3')] });
      expect((await child.wait()).status).toEqual({ code: 3 });
    }),
  );
}

check('an order that cannot be followed is refused by name', { needs }, context =>
  withKeeper(context, async (_, folder) => {
    const sink = '{"descriptor":0,"stdout":true,"stderr":true,"isFramed":false,"shutsDown":false}';
    const birth =
      '{"order":"birth","name":"x","flags":0,"forks":0,"isMain":false,"stdio":[-2,-2,-2],' +
      '"descriptors":[9],"cgroups":[],"log":null,"sinks":[]}';
    const words = await said(folder, [
      { text: '{"order":"input","name":"nobody"}' },
      { text: `{"order":"attach","name":"nobody","sink":${sink}}` },
      { text: '{"order":"hold","name":"nothing"}' },
      { text: birth },
    ]);
    expect(words.map(word => JSON.parse(word).args)).toEqual([
      'no child "nobody"',
      'no child "nobody"',
      'descriptor',
      'init',
    ]);
  }),
);

check('descriptors that nobody asked for are closed', { needs }, context =>
  withKeeper(context, async (keeper, folder) => {
    const count = (): number => readdirSync(`/proc/${keeper.pid}/fd`).length;
    await keeper.held('nothing');
    const before = count();
    const device = openSync('/dev/null', 'r');
    const many = Array.from({ length: 200 }, () => device);
    await said(folder, [{ text: '{"order":"held","name":"nothing"}', descriptors: many }]);
    await said(folder, [{ text: 'nonsense', descriptors: many }]);
    await said(folder, [{ text: '{"order":"hold","name":"one"}', descriptors: many }]);
    closeSync(device);
    await keeper.release('one');
    await keeper.held('nothing');
    expect(count()).toBe(before);
  }),
);

check('a program that is no memfd, or no program, is refused', { needs }, context =>
  withKeeper(context, async (keeper, folder) => {
    const device = openSync('/dev/null', 'r+');
    const birth = (name: string): string =>
      `{"order":"birth","name":"${name}","flags":0,"forks":0,"isMain":false,` +
      '"stdio":[-2,-2,-2],"descriptors":[],"cgroups":[],"log":null,"sinks":[]}';
    const descriptors = [device, device, device];
    const [word = ''] = await said(folder, [{ text: birth('a'), descriptors }]);
    expect(JSON.parse(word)).toMatchObject({ type: 'refused', syscall: 'execveat' });
    closeSync(device);
    expect(keeper.children()).toEqual([]);
  }),
);

check('whoever connects and says nothing disturbs nobody', { needs }, context =>
  withKeeper(context, async (keeper, folder) => {
    const silent = Array.from({ length: 50 }, () => native().connectKeeper(folder) ?? -1);
    const child = await keeper.spawn({ name: 'main', program: [shell('exit 4')] });
    expect((await child.wait()).status).toEqual({ code: 4 });
    for (const connection of silent) native().close(connection);
  }),
);

check('the socket is for its owner alone', { needs }, context =>
  withKeeper(context, async (_, folder) => {
    await Promise.resolve();
    expect(statSync(`${folder}/keeper.sock`).mode & 0o777).toBe(0o600);
  }),
);

check(
  'any text is answered, refused or ends its connection',
  { needs, timeoutMs: 60_000 },
  context =>
    withKeeper(context, async (keeper, folder) => {
      const name = fc.constantFrom('main', 'x', '', '\u0000');
      const order = fc.oneof(
        fc.string({ minLength: 1 }),
        fc.json(),
        fc
          .record({
            order: fc.constantFrom('input', 'closeInput', 'held', 'release', 'hold', 'attach'),
            name,
          })
          .map(value => JSON.stringify(value)),
      );
      await fc.assert(
        fc.asyncProperty(order, async text => {
          expect(await said(folder, [{ text }])).toHaveLength(1);
        }),
        { numRuns: 200 },
      );
      expect(await keeper.held('x')).toBeUndefined();
    }),
);
