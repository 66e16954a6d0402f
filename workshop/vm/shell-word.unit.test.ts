/** bash is asked what it read. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { everySeed } from './chance.ts';
import { shellSettings } from './initramfs.ts';
import { shellWord } from './shell-word.ts';
import { vitestCommand } from './suite.ts';

const hard = [...Array.from(`'"$\`\\!*?~#&|;<>(){}[] \t\n`), ...['é', 'a', '$(id)', '-n']];

test('a shell reads exactly the text that was given', () => {
  everySeed(40, chance => {
    const text = Array.from({ length: chance.below(20) }, () => chance.pick(hard)).join('');
    const script = `printf %s ${shellWord(text)}`;
    expect(execFileSync('bash', ['-c', script], { encoding: 'utf8' })).toBe(text);
  });
});

test('settings come back as shell variables, and without a terminal there is none', () => {
  const settings = {
    task: 'session',
    world: 'v1',
    folder: "/it's $HOME",
    modules: '/m',
    slow: 10,
  } as const;
  const script = `${shellSettings(settings)}\necho "$folder $world $slow $terminal"`;
  const read = execFileSync('busybox', ['sh', '-c', script], { encoding: 'utf8' });
  expect(read).toBe("/it's $HOME v1 10 no\n");
});

test('vitest in the guest gets folders with a slash, and flags as they were', () => {
  const script = [
    `exec() { printf '%s\\n' "$@"; }`,
    'SLIPWAY_EXCHANGE=/exchange',
    vitestCommand(['workshop/vm'], ['-t', "a 'sentence'"]),
    'echo $SLIPWAY_OUTCOME',
  ].join('\n');
  const said = execFileSync('bash', ['-c', script], { encoding: 'utf8' });
  expect(said.split('\n').slice(2)).toEqual([
    'run',
    '--project',
    'kernel',
    expect.stringMatching(/\/workshop\/vm\/$/),
    '-t',
    "a 'sentence'",
    '/exchange/outcome.json',
    '',
  ]);
});
