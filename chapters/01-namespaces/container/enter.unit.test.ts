import { expect, test } from 'vitest';
import { enterRequest, insideProgram } from './enter.ts';

const application = { argv: ['sh'], env: [] };

test('nobody is joined who is where we are already', () => {
  const { program } = enterRequest(process.pid, application);
  expect(program.map(({ call }) => call)).toEqual(['newSession', 'exec']);
});

test('whoever joins a user namespace says who it is there', () => {
  expect(insideProgram(['user'], application)[0]).toEqual({
    call: 'setIds',
    uid: 0,
    gid: 0,
  });
  expect(insideProgram(['net'], application)[0]?.call).toBe('newSession');
});

test('a terminal takes the place of the session', () => {
  const terminal = { rows: 1, columns: 2 };
  expect(
    insideProgram([], { ...application, terminal }).map(({ call }) => call),
  ).toEqual(['openTerminal', 'exec']);
});
