import { step, type Child, type SpawnRequest } from '@slipway/native';
import { expect, test } from 'vitest';
import { withNetwork } from './with-network.ts';

const exec = step.exec(['sh'], []);
const calls = ({ program }: SpawnRequest): string[] => program.map(({ call }) => call);

test('the child waits when its namespaces are there, and before its first mount', () => {
  const request: SpawnRequest = {
    namespaces: ['user', 'mount'],
    program: [
      step.barrier('id-maps'),
      step.setIds(0, 0),
      step.setPropagation('private'),
      exec,
    ],
  };
  const whole = withNetwork(request, { mode: 'bridge', connect: () => undefined });
  expect(whole.namespaces).toEqual(['user', 'mount', 'net']);
  expect(calls(whole)).toEqual([
    'barrier',
    'setIds',
    'barrier',
    'setPropagation',
    'exec',
  ]);
});

test('each barrier is answered by whoever set it up', async () => {
  const met: string[] = [];
  const request: SpawnRequest = {
    program: [step.barrier('id-maps'), exec],
    onBarrier: name => void met.push(`theirs ${name}`),
  };
  const whole = withNetwork(request, {
    mode: 'none',
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

test('a namespace that was made before is joined in place of a new one', () => {
  const request: SpawnRequest = {
    namespaces: ['pid', 'net'],
    descriptors: [9],
    program: [exec],
  };
  const whole = withNetwork(request, { mode: 'prepared', namespace: 4 });
  expect(whole).toMatchObject({ namespaces: ['pid'], descriptors: [9, 4] });
  expect(calls(whole)).toEqual(['setns', 'exec']);
});
