import { check } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import { ask, startEngine } from '../daemon/start/engine.fixture.ts';

const needs = ['root', 'native', 'overlay'] as const;

check('our client runs, lists, executes and removes as docker does', { needs }, async t => {
  await using engine = await startEngine(await t.scratch());
  const slipway = (words: string, input = '') => ask(engine, 'slipway', words.split(' '), input);

  expect(slipway('run --rm --network none busybox echo hello')).toMatchObject({
    status: 0,
    stdout: 'hello\n',
    stderr: '',
  });
  expect(slipway('run -i --rm --network none busybox cat', 'typed').stdout).toBe('typed');
  expect(slipway('run --rm --network none busybox false').status).toBe(1);
  expect(slipway('run --rm --network none busybox nosuch')).toMatchObject({ status: 127 });
  expect(slipway('run --rm --network none busybox /etc')).toMatchObject({ status: 126 });

  expect(slipway('run -d --name web --network none -e A=b busybox sleep 100').status).toBe(0);
  expect(slipway('ps --format {{.Names}}:{{.State}}').stdout).toBe('web:running\n');
  expect(ask(engine, 'slipway', ['exec', 'web', 'sh', '-c', 'echo $A; exit 4'])).toMatchObject({
    status: 4,
    stdout: 'b\n',
  });
  expect(slipway('rm web').stderr).toContain('stop the container before removing');
  expect(slipway('rm -f web').stdout).toBe('web\n');
  expect(slipway('rm web').stderr).toBe('Error response from daemon: No such container: web\n');
});

check('what nobody serves, and what is no command, is said', { needs }, async t => {
  const folder = await t.scratch();
  const dead = { socket: `${folder}/nosuch.sock` };
  expect(ask(dead, 'slipway', ['ps'])).toMatchObject({
    status: 1,
    stderr: `Cannot connect to the engine at unix://${folder}/nosuch.sock. Is it running? (start it with: slipway daemon)\n`,
  });
  expect(ask(dead, 'slipway', ['imgaes']).stderr).toBe(
    "slipway: 'imgaes' is not a slipway command. Did you mean 'images'?\n",
  );
});
