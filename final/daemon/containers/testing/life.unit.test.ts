import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { StartFailure } from '../../../execdriver/start-failure.ts';
import { inspect } from '../show/inspect.ts';
import { list } from '../show/list.ts';
import { kill } from '../verbs/kill.ts';
import { pause, unpause } from '../verbs/pause.ts';
import { remove } from '../verbs/remove.ts';
import { rename } from '../verbs/rename.ts';
import { restart } from '../verbs/restart.ts';
import { stop } from '../verbs/stop.ts';
import { wait } from '../verbs/wait.ts';
import { openWorld } from './world.fixture.ts';

const { signal } = new AbortController();
const asked = { timeoutS: undefined, signal: undefined };

test('a life is told in order, and its end gives everything back before what comes next', async () => {
  await using world = await openWorld();
  const id = await world.create('web');
  const { ended } = wait(world.containers, { reference: id, condition: 'next-exit', signal });
  await world.start(id);
  await world.end(id, 3);
  expect(await ended).toEqual({ exitCode: 3 });
  await remove(world.containers, {
    reference: 'web',
    force: false,
    withVolumes: false,
    link: false,
  });
  expect(world.told).toEqual(['create web', 'start web', 'die web 3', 'destroy web']);
  expect(world.calls.slice(0, 5)).toEqual([
    ...['layer new', 'allocate web', 'release web', 'close web', 'end web'],
  ]);
  expect(() => world.get(id)).toThrow('No such container');
});

test('a refused start leaves its reason and its exit code, and nothing else', async () => {
  await using world = await openWorld();
  const id = await world.create('web');
  world.refusal = new StartFailure('INVALID', 127, 'exec: "run": executable file not found');
  await expect(world.start(id)).rejects.toThrow('executable file not found');
  expect(world.get(id).state).toMatchObject({ status: 'created', exitCode: 127, pid: 0 });
  expect(world.calls).toContain('release web');
  world.refusal = undefined;
  await world.start(id);
  expect(world.get(id).state).toMatchObject({ status: 'running', exitCode: 0, error: '' });
});

test('with --rm the container is gone when those who wait for that hear of it', async () => {
  await using world = await openWorld();
  const id = await world.create('web', {}, { AutoRemove: true });
  const { ended } = wait(world.containers, { reference: id, condition: 'removed', signal });
  await world.start(id);
  await world.end(id, 5);
  expect(await ended).toEqual({ exitCode: 5 });
  expect(world.containers.store.has(id)).toBe(false);
});

test('a policy starts it again, counts, and stops when somebody stops it', async () => {
  await using world = await openWorld();
  const id = await world.create('web', {}, { RestartPolicy: { Name: 'always' } });
  await world.start(id);
  await world.end(id, 1);
  expect(world.get(id).state.status).toBe('restarting');
  await expect.poll(() => world.get(id).state.status).toBe('running');
  expect(world.get(id).restartCount).toBe(1);
  await stop(world.containers, { reference: id, ...asked });
  await sleep(300);
  expect(world.get(id)).toMatchObject({ state: { status: 'exited' }, stoppedByHand: true });
});

test('on-failure gives up after so many tries, and never follows a success', async () => {
  await using world = await openWorld();
  const policy = { RestartPolicy: { Name: 'on-failure', MaximumRetryCount: 1 } };
  const id = await world.create('web', {}, policy);
  await world.start(id);
  await world.end(id, 1);
  await expect.poll(() => world.get(id).state.status).toBe('running');
  await world.end(id, 1);
  expect(world.get(id).state.status).toBe('exited');
  await world.start(id);
  await world.end(id, 0);
  expect(world.get(id).state.status).toBe('exited');
});

test('stop says it nicely first, and takes SIGKILL when the time is over', async () => {
  await using world = await openWorld();
  const id = await world.create('web', { StopSignal: 'SIGQUIT' });
  await world.start(id);
  world.obeys = false;
  await stop(world.containers, { reference: id, timeoutS: 0.02, signal: undefined });
  expect(world.signals).toEqual(['3 web', '9 web']);
  expect(world.get(id).state).toMatchObject({ status: 'exited', exitCode: 137 });
  expect(world.told.slice(-4)).toEqual(['kill web', 'kill web', 'die web 137', 'stop web']);
  await expect(stop(world.containers, { reference: id, ...asked })).rejects.toMatchObject({
    code: 'UNCHANGED',
  });
});

test('restart ends and begins, whatever the state was', async () => {
  await using world = await openWorld();
  const id = await world.create('web', {}, { AutoRemove: true });
  await restart(world.containers, { reference: id, ...asked });
  await restart(world.containers, { reference: id, ...asked });
  expect(world.get(id).state.status).toBe('running');
  expect(world.told).toEqual([
    ...['create web', 'start web', 'restart web', 'kill web', 'die web 143', 'stop web'],
    ...['start web', 'restart web'],
  ]);
});

test('what cannot be done in a state is refused in words that are known', async () => {
  await using world = await openWorld();
  const id = await world.create('web');
  const { containers } = world;
  await expect(pause(containers, id)).rejects.toThrow(`container ${id} is not running`);
  const noSignal = { reference: 'web', signal: undefined };
  await expect(kill(containers, noSignal)).rejects.toThrow(
    `cannot kill container: web: container ${id} is not running`,
  );
  await world.start(id);
  await expect(unpause(containers, id)).rejects.toThrow(`Container ${id} is not paused`);
  await pause(containers, id);
  await expect(pause(containers, id)).rejects.toThrow(`Container ${id} is already paused`);
  await expect(world.start(id)).rejects.toThrow('cannot start a paused container');
  const gently = { reference: id, force: false, withVolumes: false, link: false };
  await expect(remove(containers, gently)).rejects.toThrow(
    'cannot remove container "/web": container is paused and must be unpaused first',
  );
  await kill(containers, noSignal);
  expect(world.get(id).state).toMatchObject({ status: 'exited', exitCode: 137 });
});

test('two containers never have one name, and a refused one takes none', async () => {
  await using world = await openWorld();
  const id = await world.create('web');
  const refused = `The container name "/web" is already in use by container "${id}"`;
  await expect(world.create('web')).rejects.toThrow(refused);
  await expect(world.create('db', { Image: 'nosuch' })).rejects.toThrow('No such image');
  const other = await world.create('db');
  await expect(rename(world.containers, { reference: other, name: 'web' })).rejects.toThrow(
    `Error when allocating new name: Conflict. ${refused}`,
  );
  await rename(world.containers, { reference: id, name: 'front' });
  await rename(world.containers, { reference: other, name: 'web' });
  expect(world.get(other).name).toBe('web');
  expect(world.reopen().find('front').id).toBe(id);
});

test('a keeper that was killed leaves a dead container, which can be removed', async () => {
  await using world = await openWorld();
  const id = await world.create('web');
  await world.start(id);
  await world.lose(id);
  expect(world.get(id).state).toMatchObject({ status: 'dead', exitCode: 137, pid: 0 });
  await remove(world.containers, { reference: id, force: false, withVolumes: false, link: false });
  expect(world.containers.store.has(id)).toBe(false);
});

test('a container that is stuck in a start holds up neither lists nor other containers', async () => {
  await using world = await openWorld();
  const [stuck, other] = [await world.create('stuck'), await world.create('other')];
  const { promise, resolve } = Promise.withResolvers<void>();
  const blocked = world.containers.live(stuck).queue.run(() => promise);
  await world.start(other);
  const request = { all: true, limit: undefined, size: false, filters: new Map(), minor: 45 };
  expect(list(world.containers, request)).toHaveLength(2);
  expect(inspect(world.containers, { reference: stuck, size: true, minor: 45 })).toMatchObject({
    Name: '/stuck',
    State: { Status: 'created' },
  });
  resolve();
  await blocked;
});
