/**
 * The engine as a contestant, over its API: create, start, wait for the end.
 *
 *   contestant.ts none | bridge
 *
 * The container is that of ../whole: an image, a volume, limits, and with `bridge` a network with
 * a published port. Its removal is no part of the time. At the end, what each request has taken
 * is told on standard error. See ../contestant.ts.
 */
import { createInterface } from 'node:readline';
import { summarize } from '../measure/statistics.ts';
import { ports } from '../whole/stage.ts';
import { startEngine } from './daemon.ts';

const [network = 'none'] = process.argv.slice(2);
await using engine = await startEngine();
const { api } = engine;
const taken: Record<string, number[]> = {};
for await (const _ of createInterface({ input: process.stdin })) {
  process.stdout.write(`${await oneContainer()}\n`);
}
tell();

async function oneContainer(): Promise<bigint> {
  const began = process.hrtime.bigint();
  const { Id } = await timed('create', () => api.call('POST', '/containers/create', wish()));
  await timed('start', () => api.call('POST', `/containers/${Id}/start`));
  const { StatusCode } = await timed('wait', () => api.call('POST', `/containers/${Id}/wait`));
  const took = process.hrtime.bigint() - began;
  if (StatusCode !== 0) throw new Error(`the application ended with ${StatusCode}`);
  await timed('remove (not counted)', () => api.call('DELETE', `/containers/${Id}`));
  return took;
}

function wish(): unknown {
  const published = `${ports.container}/tcp`;
  const limits = { Memory: 64 << 20, NanoCpus: 1e9, PidsLimit: 64, CpuShares: 512 };
  return {
    ...{ Image: 'busybox', Cmd: ['true'] },
    ...(network === 'bridge' && { ExposedPorts: { [published]: {} } }),
    HostConfig: {
      ...{ ...limits, Binds: ['data:/data'], NetworkMode: network },
      ...(network === 'bridge' && {
        PortBindings: { [published]: [{ HostPort: String(ports.host) }] },
      }),
    },
  };
}

async function timed<T>(name: string, act: () => Promise<T>): Promise<T> {
  const began = process.hrtime.bigint();
  const result = await act();
  (taken[name] ??= []).push(Number(process.hrtime.bigint() - began));
  return result;
}

function tell(): void {
  const parts = Object.entries(taken).map(([name, times]) => {
    const { minimum, median } = summarize(times);
    return `${name} ${(minimum / 1e6).toFixed(2)} (${(median / 1e6).toFixed(2)})`;
  });
  process.stderr.write(`  of the engine, ${network}, min (median): ${parts.join(', ')} ms\n`);
}
