/** The command line: what is understood, and what is refused with what to write instead. */
import { Command } from 'commander';
import { expect, test } from 'vitest';
import type { ContainerOptions } from '../container/container.ts';
import {
  addNamespaceOptions,
  readContainerOptions,
  readPid,
  type NamespaceFlags,
  type Surroundings,
} from './options.ts';

const surroundings: Surroundings = {
  env: { PATH: '/bin', EMPTY: undefined },
  user: { uid: 1000, gid: 1000 },
  queues: false,
  terminal: false,
};

function read(line: string, around: Partial<Surroundings> = {}): ContainerOptions {
  const command = addNamespaceOptions(new Command().argument('[command...]'))
    .passThroughOptions()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  const words = line.split(' ').filter(word => word !== '');
  const parsed = command.parse(words, { from: 'user' });
  const all = { ...surroundings, ...around };
  return readContainerOptions(parsed.opts<NamespaceFlags>(), parsed.args, all);
}

test('the options after the command belong to the command', () => {
  expect(read('--pid -- ls --pid -l').argv).toEqual(['ls', '--pid', '-l']);
  expect(read('--pid ls -l').argv).toEqual(['ls', '-l']);
});

test('each kind is asked for by its name, all of them by --all', () => {
  expect(read('--uts --net -- sh').namespaces).toEqual(['net', 'uts']);
  expect(read('--all -- sh').namespaces).toHaveLength(8);
});

test('a map implies a user namespace', () => {
  const options = read('-r -- sh');
  expect(options.namespaces).toEqual(['user']);
  expect(options.idMaps?.uids).toEqual([{ inside: 0, outside: 1000, count: 1 }]);
});

test('the environment is passed on, and a terminal has a type', () => {
  expect(read('-- sh').env).toEqual(['PATH=/bin']);
  expect(read('-t -- sh').env).toEqual(['PATH=/bin', 'TERM=xterm']);
});

test.each([
  ['', 'no command: write one after --'],
  ['--pid', 'no command: write one after --'],
  ['--hostname box -- sh', '--hostname would rename this machine: add --uts'],
  ['--uts --hostname -x -- sh', '--hostname "-x": 1 to 64 of'],
  ['--uid-map 0:1:1 -- sh', '--uid-map and --gid-map go together'],
  ['-r --uid-map 0:1:1 --gid-map 0:1:1 -- sh', '--map-root-user is a map already'],
  ['--boottime 5 -- sh', '--monotonic and --boottime shift a clock: add --time'],
  ['--time --boottime year -- sh', 'year is no number of seconds'],
  ['--uid-map 0 -- sh', 'the map 0 is not INSIDE:OUTSIDE:COUNT'],
  ['-i -t -- sh', 'standard input is no terminal: leave out -t'],
  ['--pids -- sh', "unknown option '--pids'"],
])('%j is refused: %s', (line, reason) => {
  expect(() => read(line)).toThrow(reason);
});

test('-i -t is fine at a terminal', () => {
  expect(read('-i -t -- sh', { terminal: true }).terminal).toBeDefined();
});

test.each([['0'], ['-1'], ['abc'], [''], ['1.5']])('%j is no pid', text => {
  expect(() => readPid(text, ['sh'])).toThrow('is no pid');
});

test('entering without a command says what to write', () => {
  expect(() => readPid('17', [])).toThrow('as in: enter 17 -- busybox sh');
});
