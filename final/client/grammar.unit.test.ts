import { expect, test } from 'vitest';
import { collect, grammar, parse } from './command.ts';
import { integer } from './commands/run/values.ts';

const command = () =>
  grammar('box [OPTIONS] NAME', 'A box')
    .option('-a, --all', 'everything')
    .option('-n, --last <n>', 'so many', integer)
    .option('-e, --env <name=value>', 'environment', collect, [])
    .option('--no-trunc', 'cut nothing');

test('options stand in every form that docker’s client reads', () => {
  const read = (...words: string[]) => command().read(words);
  expect(read('-an5', 'x').options).toEqual({ all: true, last: 5, env: [], trunc: true });
  expect(read('--all=false', '--last=7', '--no-trunc').options).toMatchObject({
    ...{ all: false, last: 7, trunc: false },
  });
  expect(read('-eA=1', '-e', 'B=2', '--env=C=3').options['env']).toEqual(['A=1', 'B=2', 'C=3']);
  expect(read('x', '-a', '--', '-n').args).toEqual(['x', '-n']);
  expect(command().passThroughOptions().read(['-a', 'x', '-n']).args).toEqual(['x', '-n']);
});

test.each([
  [['--lst', '5'], 'unknown flag: --lst\nDid you mean --last?'],
  [['-z'], "unknown shorthand flag: 'z' in -z"],
  [['-n'], "flag needs an argument: 'n' in -n"],
  [['--last'], 'flag needs an argument: --last'],
  [['-n', 'x'], 'invalid argument "x" for "-n, --last" flag: strconv.ParseInt: parsing "x"'],
  [['--all=x'], 'invalid argument "x" for "-a, --all" flag: strconv.ParseBool: parsing "x"'],
])('%j is refused', (words, message) => {
  expect(() => command().read(words)).toThrow(
    expect.objectContaining({ message: expect.stringContaining(message), exitStatus: 125 }),
  );
});

test('a wrong number of words is said with how it is used', () => {
  expect(() => parse(command(), [], 1, 1)).toThrow(
    "slipway: 'slipway box' requires 1 argument\n\nUsage:  slipway box [OPTIONS] NAME\n\n" +
      "Run 'slipway box --help' for more information",
  );
  expect(() => parse(command(), ['a'], 0, 0)).toThrow('accepts no arguments');
  expect(() => parse(command(), ['a'], 2)).toThrow('requires at least 2 arguments');
});

test('help lists the options by name', () => {
  expect(() => command().read(['--help'])).toThrow(
    expect.objectContaining({
      message: `Usage:  slipway box [OPTIONS] NAME

A box

Options:
  -a, --all              everything
  -e, --env name=value   environment
  -n, --last n           so many
      --no-trunc         cut nothing
`,
    }),
  );
});
