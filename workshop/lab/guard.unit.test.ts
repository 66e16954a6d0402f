/**
 * The comparison itself, on snapshots written by hand: no host is needed for it.
 */
import { expect, test } from 'vitest';
import { differences, sentence, type HostState, type KindName } from './guard.ts';
import { firewallFacts } from './guard/firewall.ts';
import { mountFacts } from './guard/mounts.ts';
import type { Facts, Holder } from './guard/state.ts';
import { parseMountinfo } from './proc/mountinfo.ts';

const names: readonly KindName[] = [
  'mount',
  'link',
  'cgroup',
  'netns',
  'firewall',
  'loop',
  'device',
  'sysctl',
  'ipc',
  'process',
  'folder',
];

function host(
  facts: Partial<Record<KindName, Facts>>,
  claims: HostState['claims'] = {},
): HostState {
  const empty = Object.fromEntries(names.map(name => [name, {}])) as Record<KindName, Facts>;
  return { facts: { ...empty, ...facts }, unseen: {}, claims };
}

function said(before: HostState, after: HostState): string[] {
  return differences(before, after).map(sentence);
}

function groups(holders: Record<string, Holder>): Facts {
  return Object.fromEntries(
    Object.entries(holders).map(([name, holder]) => [name, { value: '', holder }]),
  );
}

test('appeared, vanished and changed are told apart', () => {
  const before = host({ link: { a: { value: 'up' }, b: { value: 'up' } } });
  const after = host({ link: { b: { value: 'down' }, c: { value: 'up' } } });
  expect(said(before, after)).toEqual([
    'link a vanished',
    'link b changed: up → down',
    'link c appeared',
  ]);
});

test('equal hosts have no differences', () => {
  const one = host({ mount: { '/': { value: 'ext4' } }, sysctl: { a: { value: '1' } } });
  expect(said(one, structuredClone(one))).toEqual([]);
});

test('what another living process has in the ledger is not ours', () => {
  const after = { cgroup: groups({ '/c/cpu/container': 'nobody' }) };
  expect(said(host({}), host(after, { 'cgroup /c/cpu/container': 'others' }))).toEqual([]);
  expect(said(host({}), host(after))).toEqual(['cgroup /c/cpu/container appeared']);
});

test('what lies below a claimed group or in a claimed table is claimed with it', () => {
  const after = {
    cgroup: groups({ '/c/box': 'nobody', '/c/box/inner': 'nobody' }),
    firewall: { 'rule inet box input #1': { value: '{}' } },
  };
  const claims = { 'cgroup /c/box': 'others', 'firewall inet box': 'others' } as const;
  expect(said(host({}), host(after, claims))).toEqual([]);
});

test('an empty group in a manager’s group is the manager’s housekeeping', () => {
  const before = groups({ '/c/system.slice': 'others', '/c/system.slice/a': 'others' });
  const after = { ...before, ...groups({ '/c/system.slice/b.service': 'nobody' }) };
  expect(said(host({ cgroup: before }), host({ cgroup: after }))).toEqual([]);
  expect(said(host({ cgroup: after }), host({ cgroup: before }))).toEqual([]);
});

test('an empty group beside our own is its manager’s, one below our own is ours', () => {
  const before = groups({ '/c/jobs': 'ours', '/c/jobs/me': 'ours', '/c/jobs/you': 'others' });
  const beside = { ...before, ...groups({ '/c/jobs/new': 'nobody' }) };
  const below = { ...before, ...groups({ '/c/jobs/me/new': 'nobody' }) };
  expect(said(host({ cgroup: before }), host({ cgroup: beside }))).toEqual([]);
  expect(said(host({ cgroup: before }), host({ cgroup: below }))).toEqual([
    'cgroup /c/jobs/me/new appeared',
  ]);
});

test('a group at the top is ours unless it holds only others, and ours by name anywhere', () => {
  const manager = groups({ '/c/docker': 'others' });
  const after = {
    ...manager,
    ...groups({ '/c/docker/abc': 'others', '/c/docker/slipway-1': 'nobody', '/c/x': 'nobody' }),
  };
  expect(said(host({ cgroup: manager }), host({ cgroup: after }))).toEqual([
    'cgroup /c/docker/slipway-1 appeared',
    'cgroup /c/x appeared',
  ]);
});

test('a kind that one of the snapshots could not see is not compared', () => {
  const before = { ...host({}), unseen: { firewall: 'only root can' } };
  const after = host({ firewall: { 'table inet x': { value: '{}' } } });
  expect(said(before, after)).toEqual([]);
});

test('counters and handles of a firewall rule do not count as a change', () => {
  const ruleset = (packets: number, handle: number, verdict: string): string => {
    const counter = { counter: { packets, bytes: packets * 60 } };
    const place = { family: 'inet', table: 't', chain: 'c', handle };
    return JSON.stringify({
      nftables: [
        { metainfo: { version: '1' } },
        { rule: { ...place, expr: [counter, { [verdict]: null }] } },
      ],
    });
  };
  const firewall = (text: string): HostState => host({ firewall: firewallFacts(text) });
  expect(said(firewall(ruleset(1, 4, 'drop')), firewall(ruleset(900, 9, 'drop')))).toEqual([]);
  expect(said(firewall(ruleset(1, 4, 'drop')), firewall(ruleset(1, 4, 'accept')))).toEqual([
    expect.stringContaining('firewall rule inet t c #1 changed'),
  ]);
});

test('a mount made again is equal; one whose propagation changed is not', () => {
  const line = (id: number, propagation: string): string =>
    `${id} 1 0:40 / /data rw,relatime ${propagation}- tmpfs none rw`;
  const mounted = (text: string): HostState => host({ mount: mountFacts(parseMountinfo(text)) });
  expect(said(mounted(line(50, 'shared:7 ')), mounted(line(90, 'shared:12 ')))).toEqual([]);
  expect(said(mounted(line(50, 'shared:7 ')), mounted(line(50, '')))).toEqual([
    'mount /data changed: tmpfs none / rw,relatime shared → tmpfs none / rw,relatime',
  ]);
});
