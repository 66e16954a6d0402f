/** The daemon's orderly end, what is passed on to it, and a container that does not answer. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { check } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import { placesIn, type TestEngine } from '../start/engine.fixture.ts';
import { openGround, request, type ShownState } from './ground.fixture.ts';

const needs = ['root', 'native', 'overlay', 'nftables', 'tool:nft'] as const;

const how = { needs, timeoutMs: 90_000 } as const;

const ask = (daemon: Pick<TestEngine, 'socket'>, method: string, path: string, body?: object) =>
  request(daemon, method, path, body);

async function run(daemon: TestEngine, name: string, body: object = {}): Promise<string> {
  const whole = { Image: 'busybox', Cmd: ['sleep', '1000'], ...body };
  const { Id } = (await ask(daemon, 'POST', `/containers/create?name=${name}`, whole)).body;
  await ask(daemon, 'POST', `/containers/${name}/start`);
  return Id;
}

async function stateOf(daemon: TestEngine, name: string): Promise<ShownState> {
  return (await ask(daemon, 'GET', `/containers/${name}/json`)).body.State;
}

const keeperOf = (pid: number): number =>
  Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

check('SIGTERM ends all containers at once, also one that begins', how, async t => {
  await using ground = await openGround(t);
  const daemon = await ground.start({}, ['--shutdown-timeout', '3']);
  const before = ground.traces();
  // None of them listens to SIGTERM: each takes the whole time, and all take it together.
  const deaf = { Cmd: ['sh', '-c', 'trap "" TERM; while :; do sleep 1; done'] };
  for (const name of ['a1', 'b1', 'c1', 'd1']) await run(daemon, name, deaf);
  await run(daemon, 'always', { HostConfig: { RestartPolicy: { Name: 'always' } } });
  await run(daemon, 'passing', { HostConfig: { AutoRemove: true } });
  await ask(daemon, 'POST', '/containers/create?name=begins', { Image: 'busybox', ...deaf });
  const begins = ask(daemon, 'POST', '/containers/begins/start').catch(() => undefined);
  expect(await daemon.end('SIGTERM')).toBe(0);
  await begins;
  expect(ground.keepers()).toEqual([]);
  const next = await ground.start();
  expect(await stateOf(next, 'a1')).toMatchObject({ Status: 'exited', ExitCode: 137 });
  expect(await stateOf(next, 'always')).toMatchObject({ Status: 'running' });
  expect((await ask(next, 'GET', '/containers/passing/json')).status).toBe(404);
  for (const name of ['a1', 'b1', 'c1', 'd1', 'always', 'begins']) {
    await ask(next, 'DELETE', `/containers/${name}?force=1`);
  }
  const onHost = (one: string): boolean => /^(link|group|a keeper|mount)/.test(one);
  expect(ground.traces().filter(onHost)).toEqual(before.filter(onHost));
});

check('a daemon that is asked to end while it begins leaves nobody behind', how, async t => {
  await using ground = await openGround(t);
  const first = await ground.start();
  for (const name of ['a1', 'b1', 'c1']) {
    await run(first, name, { HostConfig: { RestartPolicy: { Name: 'always' } } });
  }
  await first.end('SIGTERM');
  // The next ones begin with starting all three, and are told to end at any moment of that.
  const pidFile = join(ground.folder, 'exec/slipway.pid');
  for (const afterMs of [0, 60, 150, 400]) {
    const starting = ground.start().catch(() => undefined);
    await expect.poll(() => existsSync(pidFile), { timeout: 20_000, interval: 10 }).toBe(true);
    await sleep(afterMs);
    process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGTERM');
    const daemon = await starting;
    await daemon?.ended;
    await expect.poll(() => existsSync(pidFile), { timeout: 20_000 }).toBe(false);
    expect(ground.keepers()).toEqual([]);
  }
});

check('with --live-restore containers go on without their daemon', { needs }, async t => {
  await using ground = await openGround(t);
  const first = await ground.start({}, ['--live-restore']);
  await run(first, 'stays');
  const { Pid } = await stateOf(first, 'stays');
  expect(await first.end('SIGTERM')).toBe(0);
  expect(existsSync(`/proc/${Pid}/root/bin`)).toBe(true);
  const next = await ground.start();
  expect(await stateOf(next, 'stays')).toMatchObject({ Running: true, Pid });
  await ask(next, 'DELETE', '/containers/stays?force=1');
});

check('a container whose keeper is stopped holds up nobody else', how, async t => {
  await using ground = await openGround(t);
  let daemon = await ground.start();
  await run(daemon, 'stuck');
  await run(daemon, 'other');
  const stuck = await stateOf(daemon, 'stuck');
  const keeper = keeperOf(stuck.Pid);
  process.kill(keeper, 'SIGSTOP');
  const looks = async (): Promise<void> => {
    for (const path of [
      '/containers/json?all=1',
      '/containers/stuck/json',
      '/info',
      '/system/df',
    ]) {
      expect((await ask(daemon, 'GET', path)).status).toBe(200);
    }
    expect(await stateOf(daemon, 'stuck')).toMatchObject({ Running: true, Pid: stuck.Pid });
    expect((await ask(daemon, 'POST', '/containers/other/restart?t=0')).status).toBe(204);
  };
  await looks();
  // Who wants something of the stopped one itself is told so.
  const body = { Cmd: ['true'], AttachStdout: true };
  const { Id } = (await ask(daemon, 'POST', '/containers/stuck/exec', body)).body;
  for (const { status, text } of await Promise.all([
    ask(daemon, 'POST', `/exec/${Id}/start`, { Detach: true }),
    ask(daemon, 'GET', '/containers/stuck/archive?path=/bin/busybox'),
  ])) {
    expect([status, text]).toEqual([503, expect.stringContaining('is stopped and does not')]);
  }
  // Neither does it hold up the next daemon.
  await daemon.end('SIGKILL');
  daemon = await ground.start();
  await looks();
  // By force it goes, though nobody tells of its end.
  expect((await ask(daemon, 'DELETE', '/containers/stuck?force=1')).text).toBe('');
  expect(existsSync(`/proc/${stuck.Pid}/root/bin`)).toBe(false);
  await ask(daemon, 'DELETE', '/containers/other?force=1');
  expect(ground.traces().filter(one => /^(a keeper|group)/.test(one))).toEqual([]);
});

check('a frozen container holds up nobody, and can be removed', { needs }, async t => {
  await using ground = await openGround(t);
  const daemon = await ground.start();
  await run(daemon, 'frozen');
  await ask(daemon, 'POST', '/containers/frozen/pause');
  for (const path of ['/containers/json', '/containers/frozen/json', '/containers/frozen/top']) {
    expect((await ask(daemon, 'GET', path)).status).toBe(200);
  }
  expect((await ask(daemon, 'DELETE', '/containers/frozen?force=1')).text).toBe('');
});

/** As systemd does it: the socket is there first, and is descriptor 3 of who is started. */
const activate = `
import os, socket, sys
listening = socket.socket(socket.AF_UNIX)
listening.bind(sys.argv[1])
listening.listen()
os.dup2(listening.fileno(), 3)
os.set_inheritable(3, True)
os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()))
os.execvp(sys.argv[2], sys.argv[2:])
`;

check(
  'a socket that is passed on is served, as systemd does it',
  { needs: [...needs, 'tool:python3'] },
  async t => {
    const folder = await t.scratch();
    const socket = join(folder, 'passed.sock');
    writeFileSync(join(folder, 'activate.py'), activate);
    const slipway = join(import.meta.dirname, '../../bin/slipway.ts');
    const daemon = [process.execPath, slipway, 'daemon', '-H', 'fd://', ...placesIn(folder)];
    const python = ['python3', join(folder, 'activate.py'), socket, ...daemon];
    const child = spawn('unshare', ['--net', ...python], { stdio: 'ignore' });
    // Who comes early waits in the socket until there is somebody to answer.
    await expect.poll(() => existsSync(socket)).toBe(true);
    expect((await ask({ socket }, 'GET', '/_ping')).text).toBe('OK');
    child.kill('SIGTERM');
    await new Promise(resolve => child.once('exit', resolve));
    expect(child.exitCode).toBe(0);
    // It is systemd's, who may start the next one for it.
    expect(existsSync(socket)).toBe(true);
  },
);
