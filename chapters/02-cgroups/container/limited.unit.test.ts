// What a group, a PID 1 and a view of /proc add to a program.

import { checkProgram, step, type SpawnRequest } from '@slipway/native';
import { expect, test } from 'vitest';
import { limited } from './limited.ts';

const request: SpawnRequest = {
  namespaces: ['pid', 'mount'],
  program: [
    step.setPropagation('private'),
    step.mountProc(),
    step.newSession(),
    step.exec(['true'], []),
  ],
};

const nothing = { cgroups: [], init: false, files: [] };
const calls = ({ program }: SpawnRequest): string[] => program.map(({ call }) => call);
const file = { descriptor: 9, target: '/proc/meminfo' };
const online = { descriptor: 8, target: '/sys/devices/system/cpu/online' };

test('the application is born into its group', () => {
  const { cgroups } = limited(request, { ...nothing, cgroups: ['/group'] });
  expect(cgroups).toEqual(['/group']);
});

test('without additions the program stays as it was', () => {
  expect(limited(request, nothing).program).toEqual(request.program);
});

test('files come over the new /proc, and PID 1 parts last', () => {
  const whole = limited(request, { ...nothing, init: true, files: [file] });
  expect(calls(whole)).toEqual([
    'setPropagation',
    'mountProc',
    'attach',
    'stayAsInit',
    'newSession',
    'exec',
  ]);
  const problems = checkProgram({ ...whole, descriptorCount: 1 });
  expect(problems).toEqual([]);
});

test('the descriptors of others keep their numbers', () => {
  const before = { ...request, descriptors: [5, 6] };
  const { descriptors, program } = limited(before, { ...nothing, files: [file] });
  expect(descriptors).toEqual([5, 6, 9]);
  expect(program[2]).toEqual(step.attach(2, '/proc/meminfo'));
});

test('the environment tells of processors', () => {
  const { program } = limited(request, { ...nothing, processors: 1 });
  expect(program.at(-1)).toEqual(step.exec(['true'], ['OMP_NUM_THREADS=1']));
});

test('a program without a session parts before its application', () => {
  const bare = { program: [step.exec(['true'], [])] };
  expect(calls(limited(bare, { ...nothing, init: true }))).toEqual([
    'stayAsInit',
    'exec',
  ]);
});

test('a root of its own without a /sys gets no file there', () => {
  const rooted = { ...request, program: [step.attach(0, '/'), ...request.program] };
  const targets = (from: SpawnRequest): unknown[] =>
    limited(from, { ...nothing, files: [file, online] }).program.flatMap(one =>
      one.call === 'attach' ? [one.target] : [],
    );
  expect(targets(rooted)).toEqual(['/', '/proc/meminfo']);
  expect(targets(request)).toEqual(['/proc/meminfo', '/sys/devices/system/cpu/online']);
});
