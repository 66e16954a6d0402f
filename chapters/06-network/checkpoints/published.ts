// Checkpoints about who reaches whom: published ports, the way out, other networks.
// - `publishedCheckpoints`: each starts a container, and asks from somewhere else
// Source: nft(8).

import { mkdirSync, writeFileSync } from 'node:fs';
import { scratchFolder } from '@slipway/lab';
import {
  runSubject,
  unless,
  type Checkpoint,
  type Subject,
} from '@slipway/lab/checkpoint.ts';
import { addresses, type World } from '../world/world.ts';
import { at, inside, inWorld, serve, startOn } from './prepared.ts';

const needs = [
  ...(['root', 'native', 'nftables', 'tool:ip'] as const),
  ...(['tool:busybox', 'tool:curl'] as const),
];

export const publishedCheckpoints: readonly Checkpoint[] = [
  {
    id: 'published',
    sentence: 'a published port leads to the port in the container that was meant',
    needs,
    examine: inWorld(published),
  },
  {
    id: 'outwards',
    sentence: 'the outside answers a container, and sees the host',
    needs,
    examine: inWorld(outwards),
  },
  {
    id: 'isolated',
    sentence: 'two networks on one host do not reach each other',
    needs,
    examine: inWorld(isolated),
  },
  {
    id: 'overlap',
    sentence: 'a subnet that overlaps one that is in use is refused by name',
    needs,
    examine: inWorld(overlap),
  },
];

const curl = ['curl', '-sgm', '3'] as const;

/** A page that says which port it stands at. */
function page(folder: string, port: number): string {
  const own = `${folder}/${port}`;
  mkdirSync(own);
  writeFileSync(`${own}/index.html`, `port ${port}`);
  return own;
}

async function published(subject: Subject, { client }: World): Promise<void> {
  await using scratch = scratchFolder();
  const options = ['--network', 'bridge', '-p', '8080:80'];
  await using running = await startOn(subject, options, 'not-started');
  const { application } = running;
  await using servers = new AsyncDisposableStack();
  for (const port of [80, 8080]) {
    servers.use(await serve(application, port, page(scratch.path, port)));
  }
  const said = at(client, ...curl, `http://${addresses.hostInside}:8080/`);
  unless(
    said !== 'port 8080',
    'wrong-port',
    'port 8080 of the host leads to port 8080 of the container\n' +
      'the data of the element is the address and the port of the container: 80.',
  );
  unless(
    said === 'port 80',
    'not-published',
    `who asks the host at port 8080 hears ${said || 'nothing'}\n` +
      'look at the map with nft list: is the element in it?',
  );
}

async function outwards(subject: Subject, { outside }: World): Promise<void> {
  await using scratch = scratchFolder();
  at(outside, 'busybox', 'httpd', '-p', '80', '-h', page(scratch.path, 80));
  await using running = await startOn(subject, ['--network', 'bridge'], 'not-started');
  unless(
    inside(running.application, ...curl, `http://${addresses.outside}/`) === 'port 80',
    'no-way-back',
    'the outside gives a container no answer\n' +
      'it does not know 172.30.0.0/16: packets have to leave under an address of the ' +
      'host (masquerade), and the host has to pass them on (ip_forward).',
  );
}

async function isolated(subject: Subject): Promise<void> {
  await using scratch = scratchFolder();
  const options = ['--network', 'bridge', '--ip', '172.30.0.10'];
  await using first = await startOn(subject, options, 'not-started');
  await using servers = new AsyncDisposableStack();
  servers.use(await serve(first.application, 80, page(scratch.path, 80)));
  const blue = ['--network', 'blue', '--subnet', '10.9.0.0/24'];
  await using second = await startOn(subject, blue, 'not-started');
  unless(
    inside(second.application, ...curl, 'http://172.30.0.10/') !== 'port 80',
    'not-isolated',
    'a container of one network reaches one of another network directly\n' +
      'in by one bridge of ours and out by another one: that has to be dropped.',
  );
}

async function overlap(subject: Subject): Promise<void> {
  const blue = ['--network', 'blue', '--subnet', '10.9.0.0/24'];
  await using running = await startOn(subject, blue, 'not-started');
  void running;
  const red = ['--network', 'red', '--subnet', '10.9.0.128/25', '--', 'true'];
  const { status, stderr } = await runSubject(subject, red);
  unless(
    status !== 0,
    'overlap-accepted',
    '10.9.0.128/25 was accepted beside 10.9.0.0/24: half of one is in the other\n' +
      'two ranges overlap if each begins before the other ends.',
  );
  unless(
    stderr.includes('10.9.0.0/24'),
    'overlap-unnamed',
    `the refusal does not say whom it overlaps: ${stderr.trim()}`,
  );
}
