// A small world for the experiments: three network namespaces and two cables.
//
//     client ── 198.51.100.0/24 ── host ── 203.0.113.0/24 ── outside
//        .2     2001:db8:1::/64    .1      2001:db8:2::/64      .2
//
// - `makeWorld(host)`: with a stand-in for the host, or with this machine as the host
// - `Place.enter`: the words that put a command there
//
// The outside knows its own cable and no other way: an answer comes back only if it was
// asked by the host. Names stand in /run/netns and in the ledger; disposing of the
// world removes them and whatever still runs in it.

import { execFileSync } from 'node:child_process';
import { readdirSync, readlinkSync, statSync } from 'node:fs';
import { record, settle } from '@slipway/lab';
import { netnsThing } from '@slipway/lab/ledger.ts';

/** A place in the world, and how a command gets there. */
export interface Place {
  /** The name of its namespace; undefined is this machine's own. */
  readonly name: string | undefined;
  readonly enter: readonly string[];
}

export interface World extends AsyncDisposable {
  readonly client: Place;
  readonly host: Place;
  readonly outside: Place;
}

export type HostKind = 'stand-in' | 'this';

/** The addresses of the host on its two cables, and of who is at their other ends. */
export const addresses = {
  hostInside: '198.51.100.1',
  client: '198.51.100.2',
  hostOutside: '203.0.113.1',
  outside: '203.0.113.2',
  hostInside6: '2001:db8:1::1',
  client6: '2001:db8:1::2',
  outside6: '2001:db8:2::2',
} as const;

/** @throws Error with the words of ip(8) */
export async function makeWorld(kind: HostKind = 'stand-in'): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const made = (name: string): Place => {
    const space = stack.use(nameNamespace(name));
    return { name: space.name, enter: ['nsenter', `--net=/run/netns/${space.name}`] };
  };
  const host = kind === 'this' ? { name: undefined, enter: [] } : made('slipway-host');
  const [client, outside] = [made('slipway-client'), made('slipway-outside')];
  ip(host, 'link', 'set', 'lo', 'up');
  connect(stack, host, client, 'lan0', '198.51.100', '2001:db8:1');
  connect(stack, host, outside, 'wan0', '203.0.113', '2001:db8:2');
  for (const gateway of [addresses.hostInside, addresses.hostInside6]) {
    ip(client, 'route', 'add', 'default', 'via', gateway);
  }
  const held = stack.move();
  return {
    ...{ client, host, outside },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}

interface Named extends Disposable {
  readonly name: string;
}

function nameNamespace(name: string): Named {
  const paper = record(netnsThing(name));
  run('ip', 'netns', 'add', name);
  return {
    name,
    [Symbol.dispose]: () => {
      endAllIn(name);
      run('ip', 'netns', 'delete', name);
      const isLast = readdirSync('/run/netns').length === 0;
      // ip(8) has made the folder a mount of its own for the first name.
      if (isLast) run('umount', '/run/netns');
      settle(paper);
    },
  };
}

/** What an experiment has left running there. */
function endAllIn(name: string): void {
  const inode = statSync(`/run/netns/${name}`).ino;
  for (const pid of readdirSync('/proc').filter(one => /^\d+$/.test(one))) {
    if (namespaceOf(pid) !== `net:[${inode}]` || Number(pid) === process.pid) continue;
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // it has ended by itself
    }
  }
}

function namespaceOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return undefined; // it has ended
  }
}

/** A cable between the host and another place: .1 and .2. */
function connect(
  stack: AsyncDisposableStack,
  host: Place,
  other: Place,
  link: string,
  four: string,
  six: string,
): void {
  if (host.name === undefined) {
    const paper = record({ kind: 'link', target: link });
    stack.defer(() => {
      run('ip', 'link', 'delete', link);
      settle(paper);
    });
  }
  const there = ['peer', 'name', 'eth0', 'netns', other.name ?? ''];
  ip(host, 'link', 'add', link, 'type', 'veth', ...there);
  for (const [place, name, end] of [
    [host, link, 1],
    [other, 'eth0', 2],
  ] as const) {
    ip(place, 'link', 'set', 'lo', 'up');
    ip(place, 'address', 'add', `${four}.${end}/24`, 'dev', name);
    ip(place, 'address', 'add', `${six}::${end}/64`, 'dev', name, 'nodad');
    ip(place, 'link', 'set', name, 'up');
  }
}

function ip(place: Place, ...words: readonly string[]): void {
  const six = words.some(word => word.includes(':')) ? ['-6'] : [];
  const [program = '', ...rest] = [...place.enter, 'ip', ...six, ...words];
  run(program, ...rest);
}

function run(program: string, ...words: readonly string[]): void {
  const PATH = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;
  execFileSync(program, words, { stdio: 'pipe', env: { ...process.env, PATH } });
}
