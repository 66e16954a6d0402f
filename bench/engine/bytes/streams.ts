/**
 * Output of a container over the API: attached, logged, and the log read.
 *
 * Lines of 80 bytes, as fast as a program can write them. The floor is the same program into a
 * pipe. `logs` reads a log of many such lines back; the first reading is no round of its own.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { buildFlood } from '../../build.ts';
import { exchange } from './exchange.ts';
import { timed, type Group, type Stage } from './stage.ts';

const megabytes = 1000;
const loggedMegabytes = 400;

export const streams: Group = {
  title: 'Output: 1 GB in lines of 80 bytes',
  run: async stage => {
    const flood = buildFlood();
    const busybox = '/images/create?fromImage=busybox&tag=latest';
    await exchange(stage.engine.socket, { method: 'POST', path: busybox });
    const each = async (act: () => Promise<number>, amount = megabytes): Promise<number[]> => {
      const figures: number[] = [];
      for (let round = -1; round < stage.rounds; round += 1) {
        const seconds = await act();
        if (round >= 0) figures.push(amount / seconds);
      }
      return figures;
    };
    const bare = { Type: 'none' };
    const full = await loggedContainer(stage, flood);
    const row = (name: string, figures: readonly number[], budget?: number) =>
      ({ name, unit: 'MB/s', figures, budget }) as const;
    return [
      row('a plain pipe', await each(() => plainPipe(flood))),
      row('attached', await each(() => attached(stage, flood, bare)), 800),
      row('attached, and logged', await each(() => attached(stage, flood, jsonFile('64m')))),
      row('logged (json-file)', await each(() => logged(stage, flood)), 200),
      row('logs', await each(() => readBack(stage, full), loggedMegabytes), 200),
      row('logs, with times', await each(() => readBack(stage, full, '&timestamps=1'), 400)),
    ];
  },
};

interface LogConfig {
  readonly Type: string;
  readonly Config?: Readonly<Record<string, string>>;
}

function jsonFile(size: string): LogConfig {
  return { Type: 'json-file', Config: { 'max-size': size, 'max-file': '2' } };
}

function plainPipe(flood: string): Promise<number> {
  const script = `${flood} ${megabytes * 1e6} | ${flood}`;
  return timed(() => once(spawn('sh', ['-c', script], { stdio: 'inherit' }), 'exit'));
}

async function create(
  { engine }: Stage,
  flood: string,
  LogConfig: LogConfig,
  amount: number,
): Promise<string> {
  const HostConfig = { NetworkMode: 'none', Binds: [`${flood}:/flood:ro`], LogConfig };
  const Cmd = ['/flood', String(amount * 1e6)];
  const wish = { Image: 'busybox', Cmd, AttachStdout: true, HostConfig };
  return String((await engine.api.call('POST', '/containers/create', wish)).Id);
}

/** From the start to the last byte. */
async function attached(stage: Stage, flood: string, config: LogConfig): Promise<number> {
  const { socket, api } = stage.engine;
  const id = await create(stage, flood, config, megabytes);
  let began = 0;
  const path = `/containers/${id}/attach?stream=1&stdout=1&stderr=1`;
  const onHead = (): void => {
    began = performance.now();
    void api.call('POST', `/containers/${id}/start`);
  };
  const { bytes } = await exchange(socket, { method: 'POST', path, isUpgraded: true, onHead });
  const took = (performance.now() - began) / 1000;
  if (bytes < megabytes * 1e6) throw new Error(`only ${bytes} bytes came`);
  await api.call('POST', `/containers/${id}/wait`);
  await api.call('DELETE', `/containers/${id}`);
  return took;
}

async function logged(stage: Stage, flood: string): Promise<number> {
  const { api } = stage.engine;
  const id = await create(stage, flood, jsonFile('64m'), megabytes);
  const took = await timed(() => ended(stage, id));
  await api.call('DELETE', `/containers/${id}`);
  return took;
}

async function ended({ engine: { api } }: Stage, id: string): Promise<void> {
  await api.call('POST', `/containers/${id}/start`);
  await api.call('POST', `/containers/${id}/wait`);
}

async function loggedContainer(stage: Stage, flood: string): Promise<string> {
  const id = await create(stage, flood, jsonFile('8g'), loggedMegabytes);
  await ended(stage, id);
  return id;
}

async function readBack({ engine }: Stage, id: string, more = ''): Promise<number> {
  const path = `/containers/${id}/logs?stdout=1${more}`;
  const { bytes, seconds } = await exchange(engine.socket, { method: 'GET', path });
  if (bytes < loggedMegabytes * 1e6) throw new Error(`only ${bytes} bytes came`);
  return seconds;
}
