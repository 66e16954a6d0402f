// Our client beside docker's own, on one engine: the same words, the same status.
//
// Each line is a command line, with `D` for the client. All of them are given to docker first, then,
// from the same beginning, to ours, which is the bundle. What is drawn (ids, ages, ports, names) is
// left out of what is compared.

import { spawnSync } from 'node:child_process';
import { check } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import { startEngine, type TestEngine } from '../daemon/start/engine.fixture.ts';
import { bundle } from './bundle.ts';
import { sideBySide } from './side-by-side.fixture.ts';

const needs = ['root', 'native', 'overlay', 'tool:docker'] as const;

check('our client says what docker says, and ends as it does', { needs }, async t => {
  const folder = await t.scratch();
  await bundle(`${folder}/dist`);
  await using engine = await startEngine(await t.scratch());
  const ours = `${process.execPath} -- ${folder}/dist/slipway.js`;
  const docker = transcript(engine, 'docker', folder);
  const slipway = transcript(engine, ours, folder);
  expect(slipway).toEqual(docker);
});

function transcript({ socket }: TestEngine, client: string, folder: string): readonly string[] {
  const host = `unix://${socket}`;
  const env = { ...process.env, DOCKER_HOST: host, SLIPWAY_HOST: host, D: client, T: folder };
  const run = (line: string): string => {
    const words = line.replaceAll(/(^|\| )D /g, '$1$D ');
    const options = { encoding: 'utf8', env, timeout: 60_000 } as const;
    const { status, stdout, stderr } = spawnSync('sh', ['-c', words], options);
    return `$ ${line}\n${[stdout, stderr].map(plain).join('')}[${status}]`;
  };
  const said = sideBySide.map(run);
  run(
    'docker rm -fv $(docker ps -aq); docker volume prune -af; rm -rf $T/out*; docker pull busybox',
  );
  return said;
}

/** Without what is different each time. */
function plain(text: string): string {
  return text
    .replaceAll(/\bdocker\b/g, 'slipway')
    .replaceAll(/\b[0-9a-f]{64}\b/g, 'ID')
    .replaceAll(/\b[0-9a-f]{12}\b/g, 'id')
    .replaceAll(/Less than a second|About a minute|\d+ (second|minute)s?/g, 'AGE')
    .replaceAll(/\d{4}-\d\d-\d\d[T ][\d:.]+(Z| \+0000 UTC)/g, 'TIME')
    .replaceAll(/:\d{5}\b/g, ':PORT')
    .replaceAll(/ +/g, ' ');
}
