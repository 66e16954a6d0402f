import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
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

check('a program is explained before, while and after it runs', { needs }, async t => {
  const folder = await t.scratch();
  const engine = await startEngine(folder);
  const slipway = (...words: string[]) => ask(engine, 'slipway', words);
  const told = slipway('run', '--explain', '--network', 'none', 'busybox', 'echo', 'hi');
  expect(told).toMatchObject({ status: 0, stderr: '' });
  expect(told.stdout).toMatch(/^ 0 {2}clone3\(.*\n {4}# .*\n/);
  expect(told.stdout).toMatch(/execve\("echo", "hi"\)\n {4}# [^\n]*\n$/);
  expect(slipway('ps', '-aq').stdout).toBe('');

  slipway('run', '-d', '--name', 'web', '--network', 'none', 'busybox', 'sleep', '100');
  const timed = slipway('explain', 'web').stdout;
  expect(timed).toMatch(/\d+ µs {2}pivot_root\(/);
  expect(timed).toMatch(/execve\("sleep", "100"\)/);
  expect(slipway('exec', '--explain', '-u', '5', 'web', 'id').stdout).toMatch(
    /setns\(.*setresuid\(5.*execve\("id"\)/s,
  );
  expect(slipway('exec', '--explain', 'nosuch', 'id')).toMatchObject({ status: 1 });
  await sleep(300);
  expect(await engine.end('SIGKILL')).toBeUndefined();

  await using next = await startEngine(folder);
  expect(ask(next, 'slipway', ['explain', 'web']).stdout).toBe(timed);
  ask(next, 'slipway', ['kill', 'web']);
  expect(ask(next, 'slipway', ['explain', 'web']).stdout).toBe(timed);
  ask(next, 'slipway', ['create', '--name', 'later', 'busybox', 'true']);
  expect(ask(next, 'slipway', ['explain', 'later']).stdout).toContain('execve("true")');
  ask(next, 'slipway', ['rm', '-f', 'web', 'later']);
});

check('the graph is a tree, and its first image is made again', { needs }, async t => {
  await using engine = await startEngine(await t.scratch());
  const slipway = (...words: string[]) => ask(engine, 'slipway', words);
  slipway('pull', 'busybox');
  const image = slipway('images', '-q', '--no-trunc').stdout.trim();
  slipway('create', '--name', 'web', 'busybox');
  expect(slipway('graph').stdout).toBe(
    `containers\n└─ web → ${slipway('ps', '-aq').stdout.trim()}\n` +
      `images\n└─ docker.io/library/busybox:latest → ${image.slice(7, 19)}\n`,
  );
  slipway('rm', 'web');
  slipway('rmi', 'busybox');
  expect(slipway('image', 'init')).toMatchObject({
    status: 0,
    stdout: `Made busybox:latest: ${image}\n`,
  });
  expect(slipway('run', '--rm', '--network', 'none', 'busybox', 'echo', 'hi').stdout).toBe('hi\n');
});

check('a reader that takes its time gets all of it', { needs }, async t => {
  await using engine = await startEngine(await t.scratch());
  const slipway = `${process.execPath} ${import.meta.dirname}/../bin/slipway.ts`;
  const env = { ...process.env, SLIPWAY_HOST: `unix://${engine.socket}` };
  const command = `${slipway} run --rm --network none busybox head -c 9000000 /dev/zero`;
  const piped = `${command} | (sleep 1; wc -c)`;
  const { stdout } = spawnSync('sh', ['-c', piped], { encoding: 'utf8', env });
  expect(stdout).toBe('9000000\n');
});

check('a terminal is the container’s until its keys let go of it', { needs }, async t => {
  await using engine = await startEngine(await t.scratch());
  const slipway = `${process.execPath} ${import.meta.dirname}/../bin/slipway.ts`;
  const typed = (words: string, keys: string) => {
    const env = { ...process.env, SLIPWAY_HOST: `unix://${engine.socket}` };
    const type = `(sleep 2; printf '${keys}'; sleep 3)`;
    const command = `${type} | script -qec '${slipway} ${words}' /dev/null`;
    const { status, stdout } = spawnSync('sh', ['-c', command], { encoding: 'utf8', env });
    return { status, stdout };
  };
  ask(engine, 'slipway', ['pull', 'busybox']);
  const told = typed('run -it --rm --network none busybox cat', 'hello\\n\\004');
  expect(told).toEqual({ status: 0, stdout: 'hello\r\nhello\r\n' });
  expect(typed('run -it --name web --network none busybox cat', '\\020\\021').status).toBe(0);
  expect(typed('attach --detach-keys x,y web', 'xy')).toEqual({
    ...{ status: 1, stdout: 'read escape sequence\r\n' },
  });
  expect(ask(engine, 'slipway', ['ps', '--format', '{{.Names}}']).stdout).toBe('web\n');
  ask(engine, 'slipway', ['rm', '-f', 'web']);
});

check('the shell completes commands, options and names', { needs }, async t => {
  await using engine = await startEngine(await t.scratch());
  ask(engine, 'slipway', ['create', '--name', 'web', 'busybox']);
  const script = `slipway() { ${process.execPath} ${import.meta.dirname}/../bin/slipway.ts "$@"; }
    eval "$(slipway completion bash)"
    complete_() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _slipway; echo "\${COMPREPLY[*]}"; }
    complete_ slipway ex; complete_ slipway start w; complete_ slipway container st
    complete_ slipway exec --det; complete_ slipway network rm n`;
  const env = { ...process.env, SLIPWAY_HOST: `unix://${engine.socket}` };
  const { stdout } = spawnSync('bash', ['-c', script], { encoding: 'utf8', env });
  expect(stdout).toBe('exec explain export\nweb\nstart stats stop\n--detach --detach-keys\nnone\n');
  const { stdout: fish } = ask(engine, 'slipway', ['completion', 'fish']);
  const [, quoted = ''] = /sh -c '(.*)' sh "/s.exec(fish) ?? [];
  const asked = quoted.replaceAll(/\\(['\\])/g, '$1');
  const words = spawnSync('sh', ['-c', asked, 'sh', '', '1', 'volume'], { encoding: 'utf8' });
  expect(words).toMatchObject({ status: 0, stdout: 'create inspect list ls prune remove rm\n' });
});

check('what nobody serves, and what is no command, is said', { needs }, async t => {
  const folder = await t.scratch();
  const dead = { socket: `${folder}/nosuch.sock` };
  expect(ask(dead, 'slipway', ['ps'])).toMatchObject({
    status: 1,
    stderr: `Cannot connect to the engine at unix://${folder}/nosuch.sock. Is it running? (start it with: slipway daemon)\n`,
  });
  expect(ask(dead, 'slipway', ['imgaes']).stderr).toBe(
    "slipway: unknown command: slipway imgaes\n\nDid you mean 'images'?\n\n" +
      "Run 'slipway --help' for more information\n",
  );
});
