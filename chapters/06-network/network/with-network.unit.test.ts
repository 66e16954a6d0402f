import { step, type Child, type SpawnRequest } from '@slipway/native';
import { expect, test } from 'vitest';
import { hasUserNamespace, withNetwork } from './with-network.ts';

const exec = step.exec(['sh'], []);
const calls = ({ program }: SpawnRequest): string[] => program.map(({ call }) => call);

test('a user namespace has its network born with it, and connected while it waits', () => {
  const request: SpawnRequest = {
    namespaces: ['user', 'mount'],
    program: [step.barrier('id-maps'), step.setIds(0, 0), exec],
  };
  const whole = withNetwork(request, { mode: 'born', connect: () => undefined });
  expect(whole.namespaces).toEqual(['user', 'mount', 'net']);
  expect(calls(whole)).toEqual(['barrier', 'barrier', 'setIds', 'exec']);
  expect([request, whole].map(hasUserNamespace)).toEqual([true, true]);
});

test('each barrier is answered by whoever set it up', async () => {
  const met: string[] = [];
  const request: SpawnRequest = {
    program: [step.barrier('id-maps'), exec],
    onBarrier: name => void met.push(`theirs ${name}`),
  };
  const whole = withNetwork(request, {
    mode: 'born',
    connect: pid => void met.push(`ours ${pid}`),
  });
  const child = { pid: 7 } as Child;
  await whole.onBarrier?.('id-maps', child);
  await whole.onBarrier?.('network', child);
  expect(met).toEqual(['theirs id-maps', 'ours 7']);
});

test("another's network is joined first, and is no new one", () => {
  const plain: SpawnRequest = {
    namespaces: ['pid'],
    descriptors: [9],
    program: [exec],
  };
  const whole = withNetwork(plain, { mode: 'container', pidfd: 4 });
  expect(whole).toMatchObject({ namespaces: ['pid'], descriptors: [9, 4] });
  expect(whole.program[0]).toEqual(step.setns(1, ['net']));
  expect(withNetwork(plain, { mode: 'host' })).toBe(plain);
  const own: SpawnRequest = { ...plain, namespaces: ['net'] };
  expect(() => withNetwork(own, { mode: 'host' })).toThrow('leave out --net');
});

test('a namespace that was made before is joined first, in place of every new one', () => {
  const request: SpawnRequest = {
    namespaces: ['pid', 'net'],
    descriptors: [9],
    program: [step.unshare(['time']), step.fork(['net', 'ipc']), exec],
  };
  const whole = withNetwork(request, { mode: 'prepared', namespace: 4 });
  expect(whole).toMatchObject({ namespaces: ['pid'], descriptors: [9, 4] });
  expect(whole.program).toEqual([
    step.setns(1, ['net']),
    step.unshare(['time']),
    step.fork(['ipc']),
    exec,
  ]);
});
