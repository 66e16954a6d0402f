/** What outlives whom: a killed daemon leaves everything in place, a killed keeper nothing. */
import { spawn as start } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { expect } from 'vitest';
import { check } from '@slipway/lab/check.ts';
import { initDescriptor, native, whenEnded } from '../../binding.ts';
import { sleeper } from '../../process/collect.ts';
import { programText } from '../../process/spawn.ts';
import { step } from '../../program/program.ts';
import { birthOrder } from '../protocol/births.ts';
import { jsonFile, withoutTimes } from './json-file.ts';
import type { Keeper, KeptChild } from '../keeper.ts';
import { client, withKeeper } from './keeping.ts';
import { connectKeeper, readExit, startKeeper } from '../start.ts';

const needs = ['root', 'native', 'tool:busybox'] as const;

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setTimeout(resolve, 10));
}

/** A daemon as daemon.fixture.ts says, killed when it was ready. */
async function killedDaemon(folder: string, how: string): Promise<void> {
  const script = `${import.meta.dirname}/daemon.fixture.ts`;
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  const daemon = start(process.execPath, [script, folder, how], { stdio: [...stdio] });
  await once(createInterface({ input: daemon.stdout }), 'line');
  daemon.kill('SIGKILL');
  await once(daemon, 'exit');
}

async function reconnect(folder: string): Promise<{ keeper: Keeper; child: KeptChild }> {
  const keeper = await connectKeeper(folder);
  const child = keeper?.children()[0];
  if (keeper === undefined || child === undefined) throw new Error('nobody is there');
  return { keeper, child };
}

check('a new daemon finds the child, its input, its log and its end', { needs }, async context => {
  const folder = await context.scratch();
  await killedDaemon(folder, 'pipe');
  const { keeper, child } = await reconnect(folder);
  expect(child).toMatchObject({ name: 'main', hasTerminal: false });
  const reader = client();
  const read = reader.everything();
  await child.attach(reader.sink);
  reader.handOver();
  const stdin = await child.stdin();
  stdin?.write('one\n');
  stdin?.write('two\n');
  await child.closeStdin();
  const ending = await child.wait();
  expect(ending).toMatchObject({ status: { code: 7 }, hasLostKeeper: false });
  expect(String(await read)).toBe('1 one\n2 two\n');
  const lines = jsonFile('stdout', Buffer.from('1 one\n2 two\n'));
  expect(withoutTimes(readFileSync(`${folder}/log`, 'utf8'))).toBe(lines);
  expect(await readExit(folder)).toEqual(ending);
  await keeper.bye();
});

check('a new daemon finds the terminal, too', { needs }, async context => {
  const folder = await context.scratch();
  await killedDaemon(folder, 'terminal');
  const { keeper, child } = await reconnect(folder);
  expect(child.hasTerminal).toBe(true);
  await child.resize(40, 120);
  const stdin = await child.stdin();
  stdin?.write('typed\n\x04');
  expect(await child.wait()).toMatchObject({ status: { code: 7 } });
  expect(readFileSync(`${folder}/log`, 'utf8')).toContain('{"log":"1 typed\\r\\n"');
  await keeper.bye();
});

check('what was held is handed back, until it is released', { needs }, async context => {
  const folder = await context.scratch();
  await killedDaemon(folder, 'pipe');
  const { keeper, child } = await reconnect(folder);
  {
    using held = await keeper.held('root');
    const found = statSync(`/proc/self/fd/${held?.descriptor}/`);
    expect(found.ino).toBe(statSync('/usr').ino);
  }
  await keeper.release('root');
  expect(await keeper.held('root')).toBeUndefined();
  child.kill('SIGKILL');
  await keeper.bye();
});

check('an end without a daemon is written down, and the keeper goes', { needs }, async context => {
  const folder = await context.scratch();
  await killedDaemon(folder, 'pipe');
  const { keeper, child } = await reconnect(folder);
  const { pid } = child;
  keeper[Symbol.dispose]();
  process.kill(pid, 'SIGTERM');
  await until(() => !readdirSync(folder).includes('keeper.sock'));
  expect(await connectKeeper(folder)).toBeUndefined();
  expect(await readExit(folder)).toMatchObject({ status: { signal: 'SIGTERM' } });
});

check('a start whose daemon is killed is no start', { needs }, async context => {
  const folder = await context.scratch();
  await killedDaemon(folder, 'starting');
  await until(() => !readdirSync(folder).includes('keeper.sock'));
  expect(await readExit(folder)).toMatchObject({ status: { code: 127 } });
});

check('a fork step whose daemon is killed right after leaves nobody', { needs }, context =>
  withKeeper(context, async (keeper, folder) => {
    const children = (): string =>
      readFileSync(`/proc/${keeper.pid}/task/${keeper.pid}/children`, 'utf8').trim();
    // A daemon that hears how the start went well, and is gone before it says so.
    const connection = native().connectKeeper(folder) ?? -1;
    const request = { name: 'exec', program: [step.fork(['pid']), sleeper] };
    using birth = birthOrder(request);
    const order = JSON.stringify(birth.order);
    const program = programText(request);
    const channel = native().orderBirth(connection, order, initDescriptor(), program, []);
    await whenEnded(channel);
    native().close(channel);
    // Who forked has closed its channel, and may be seen for a moment yet: the other one stays.
    await until(() => /^\d+$/.test(children()));
    native().close(connection);
    await until(() => children() === '');
  }),
);

check('a child that a fork step left is the one that is found', { needs }, async context => {
  const folder = await context.scratch();
  await killedDaemon(folder, 'exec');
  const { keeper, child } = await reconnect(folder);
  expect(readFileSync(`/proc/${child.pid}/comm`, 'utf8')).toBe('busybox\n');
  child.kill('SIGKILL');
  expect(await child.wait()).toMatchObject({ status: { signal: 'SIGKILL' } });
  await keeper.bye();
});

check('two daemons hear of the same end', { needs }, context =>
  withKeeper(context, async (keeper, folder) => {
    const child = await keeper.spawn({ name: 'main', program: [sleeper] });
    const second = await reconnect(folder);
    child.kill('SIGKILL');
    const ends = await Promise.all([child.wait(), second.child.wait()]);
    expect(ends[0]).toEqual(ends[1]);
    second.keeper[Symbol.dispose]();
  }),
);

check('killing the keeper kills its children, and that is told', { needs }, async context => {
  const folder = await context.scratch();
  const keeper = await startKeeper({ folder });
  const reader = client();
  const program = [sleeper];
  const plain = await keeper.spawn({ name: 'plain', program, sinks: [reader.sink] });
  const changed = await keeper.spawn({
    name: 'changed',
    program: [step.setIds(65534, 65534, []), sleeper],
  });
  const forked = await keeper.spawn({
    name: 'forked',
    program: [step.fork(['pid']), step.stayAsInit(), sleeper],
  });
  process.kill(keeper.pid, 'SIGKILL');
  const ends = await Promise.all([plain, changed, forked].map(child => child.wait()));
  for (const end of ends) {
    expect(end).toMatchObject({ status: { signal: 'SIGKILL' }, hasLostKeeper: true });
  }
  expect(await plain.sinks[0]?.ended).toBe('broken');
  await keeper.gone;
  expect(await connectKeeper(folder)).toBeUndefined();
  await expect(keeper.spawn({ name: 'late', program })).rejects.toThrow('the keeper has ended');
  reader.handOver();
  reader.socket.destroy();
});

check(
  'nobody answers in a folder without a keeper, or without a folder',
  { needs },
  async context => {
    const folder = await context.scratch();
    expect(await connectKeeper(folder)).toBeUndefined();
    expect(await connectKeeper(`${folder}/absent`)).toBeUndefined();
    expect(await readExit(folder)).toBeUndefined();
  },
);
