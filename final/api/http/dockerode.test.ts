import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { check } from '@slipway/lab/check.ts';
import Docker from 'dockerode';
import { expect } from 'vitest';
import { startEngine } from '../../daemon/start/engine.fixture.ts';

const needs = ['root', 'native', 'overlay'] as const;

check('dockerode lists, runs, attaches, executes and removes', { needs }, async t => {
  await using engine = await startEngine(await t.scratch());
  const docker = new Docker({ socketPath: engine.socket });
  expect((await docker.ping()).toString()).toBe('OK');
  expect((await docker.version()).Os).toBe('linux');
  expect(await docker.listImages()).toEqual([]);

  const out = new PassThrough();
  const [end] = (await docker.run('busybox', ['sh', '-c', 'echo out; exit 3'], out, {
    HostConfig: { NetworkMode: 'none' },
  })) as readonly [{ readonly StatusCode: number }];
  expect([end.StatusCode, await text(out.end())]).toEqual([3, 'out\r\n']);

  const container = await docker.createContainer({
    Image: 'busybox',
    name: 'web',
    Cmd: ['sleep', '100'],
    HostConfig: { NetworkMode: 'none' },
  });
  await container.start();
  expect((await container.inspect()).State.Running).toBe(true);
  const exec = await container.exec({
    Cmd: ['cat'],
    AttachStdin: true,
    AttachStdout: true,
  });
  const stream = await exec.start({ hijack: true, stdin: true });
  const shown = new PassThrough();
  docker.modem.demuxStream(stream, shown, shown);
  stream.end('typed');
  await new Promise(resolve => stream.once('end', resolve));
  expect(await text(shown.end())).toBe('typed');
  expect((await exec.inspect()).ExitCode).toBe(0);
  await container.remove({ force: true });
  await expect(container.inspect()).rejects.toThrow('No such container');
});

check('an exec that was announced runs until its output is out', { needs }, async t => {
  await using engine = await startEngine(await t.scratch());
  const docker = new Docker({ socketPath: engine.socket });
  const { HostConfig } = { HostConfig: { NetworkMode: 'none' } };
  const container = await docker.createContainer({
    ...{ Image: 'busybox', Cmd: ['sleep', '100'], HostConfig },
  });
  await container.start();
  for (let round = 0; round < 10; round += 1) {
    const exec = await container.exec({
      ...{ Cmd: ['sh', '-c', 'echo said; exit 43'], AttachStdout: true },
    });
    const stream = await exec.start({ hijack: true });
    const said: Buffer[] = [];
    stream.on('data', (bytes: Buffer) => said.push(bytes));
    // As an orchestrator does: who sees that it has ended does not wait for more.
    let seen = await exec.inspect();
    while (seen.Running) seen = await exec.inspect();
    expect(seen.ExitCode).toBe(43);
    await new Promise(resolve => setImmediate(resolve));
    expect(Buffer.concat(said).toString()).toContain('said');
    stream.destroy();
  }
});
