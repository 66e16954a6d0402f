/**
 * The grammar has two sides, and one example that both must know: wire/every-step.json. The Rust
 * side reads it in its own tests.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cloneFlags, namespaceKinds, step } from './program.ts';

const example: { version: number; steps: { call: string }[] } = JSON.parse(
  readFileSync(`${import.meta.dirname}/../wire/every-step.json`, 'utf8'),
);

/** What each line of the example is made by. */
const made = [
  step.barrier('id-maps'),
  step.setns(0, ['user', 'mount']),
  step.unshare(['time', 'cgroup']),
  step.setTimeOffsets({ monotonicSeconds: 0, boottimeSeconds: 31_536_000 }),
  step.fork(['pid', 'uts', 'ipc', 'net']),
  step.setPropagation('private'),
  step.mountProc(),
  step.mount('tmpfs', '/mnt', 'tmpfs', {
    flags: [
      ...(['nosuid', 'nodev', 'noexec', 'ro', 'noatime', 'relatime', 'strictatime'] as const),
      ...(['bind', 'rec', 'remount'] as const),
    ],
    data: 'size=1m',
  }),
  step.attach(1, '/'),
  step.makeDevice('/dev/null', 1, 3),
  step.makeFolder('/srv/app'),
  step.setSysctl('net/ipv4/ip_forward', '1'),
  step.setOomScore(-500),
  step.makeLink('/dev/fd', '/proc/self/fd'),
  step.maskPaths(['/proc/kcore']),
  step.protectPaths(['/proc/sys']),
  step.makeRootReadOnly(),
  step.pivotRoot(),
  step.changeRoot('/'),
  step.stayAsInit(),
  step.setHostname('box'),
  step.setDomainname('yard'),
  step.setIds(0, 0, []),
  step.setRlimit('nofile', 1024, -1),
  step.setUmask(0o022),
  step.setCapabilities({
    bounding: ['CAP_CHOWN', 'CAP_CHECKPOINT_RESTORE'],
    effective: ['CAP_CHOWN'],
    permitted: ['CAP_CHOWN'],
    inheritable: [],
    ambient: [],
  }),
  step.noNewPrivileges(),
  step.installSeccomp(2, ['log', 'spec-allow', 'tsync']),
  step.newSession(),
  step.openTerminal(24, 80),
  step.changeDirectory('/'),
  step.exec(['sh'], ['PATH=/bin']),
  step.keep(0),
];

test('the constructors make exactly the steps of the example that slipway-init reads', () => {
  expect(JSON.parse(JSON.stringify(made))).toStrictEqual(example.steps);
});

test('the example has each constructor once, so that none can drift unseen', () => {
  const calls = example.steps.map(({ call }) => call).toSorted();
  expect(calls).toStrictEqual(Object.keys(step).toSorted());
});

test('groups that are not named stay out of the message: they are left as they are', () => {
  expect(step.setIds(1, 2)).toStrictEqual({ call: 'setIds', uid: 1, gid: 2 });
});

test('each kind of namespace has a flag, and no two share one', () => {
  const flags = namespaceKinds.map(kind => cloneFlags[kind]);
  expect(new Set(flags).size).toBe(8);
  expect(flags.every(flag => Number.isInteger(Math.log2(flag)))).toBe(true);
});
