/** What a process may do and use: the steps, and what the kernel shows of it afterwards. */
import { expect } from 'vitest';
import { check } from '@slipway/lab/check.ts';
import { sealBytes } from '../../mounts.ts';
import { collect, shell } from '../../process/collect.ts';
import type { Capability } from '../../program/names.ts';
import { step, type CapabilitySets, type Step } from '../../program/program.ts';
import { SyscallError } from '../../syscall-error.ts';

const needs = ['native', 'root', 'tool:busybox'] as const;

const few: readonly Capability[] = ['CAP_CHOWN', 'CAP_KILL', 'CAP_SETUID'];
const none: CapabilitySets = {
  bounding: [],
  effective: [],
  permitted: [],
  inheritable: [],
  ambient: [],
};

/** The lines of /proc/self/status that begin so, after `steps`. */
async function statusAfter(
  steps: readonly Step[],
  names: string,
  descriptors: readonly number[] = [],
): Promise<Readonly<Record<string, string>>> {
  const program = [...steps, shell(`grep -E '^(${names}):' /proc/self/status`)];
  const { stdout } = await collect({ program, descriptors });
  const lines = stdout.trim().split('\n');
  return Object.fromEntries(lines.map(line => line.split(/:\s*/, 2)));
}

const sets = 'Cap...';
const mask = (names: readonly number[]): string =>
  names
    .reduce((bits, number) => bits | (1n << BigInt(number)), 0n)
    .toString(16)
    .padStart(16, '0');

check('root keeps the rights that are named, and can get no others', { needs }, async () => {
  const kept = { ...none, bounding: few, effective: few, permitted: few };
  const found = await statusAfter([step.setCapabilities(kept)], sets);
  const bits = mask([0, 5, 7]);
  expect(found).toEqual({
    CapInh: mask([]),
    CapPrm: bits,
    CapEff: bits,
    CapBnd: bits,
    CapAmb: mask([]),
  });
});

check('another user gets no rights, unless they are ambient', { needs }, async () => {
  const kept = { ...none, bounding: few, effective: few, permitted: few };
  const user = step.setIds(1000, 1000, []);
  const plain = await statusAfter([user, step.setCapabilities(kept)], sets);
  expect(plain).toMatchObject({ CapPrm: mask([]), CapEff: mask([]), CapBnd: mask([0, 5, 7]) });
  const given = { ...kept, inheritable: few, ambient: few };
  const ambient = await statusAfter([user, step.setCapabilities(given)], sets);
  expect(ambient).toMatchObject({ CapEff: mask([0, 5, 7]), CapAmb: mask([0, 5, 7]) });
});

check('without a step about rights, another user has none in any set', { needs }, async () => {
  const found = await statusAfter([step.setIds(1000, 1000, [])], 'CapPrm|CapEff|CapAmb|CapInh');
  expect(new Set(Object.values(found))).toEqual(new Set([mask([])]));
});

check('a right that we do not have ourselves is left out, and no failure', { needs }, async () => {
  const wished: readonly Capability[] = ['CAP_CHOWN', 'CAP_CHECKPOINT_RESTORE'];
  const first = step.setCapabilities({
    ...none,
    bounding: ['CAP_CHOWN', 'CAP_SETPCAP'],
    effective: ['CAP_CHOWN', 'CAP_SETPCAP'],
    permitted: ['CAP_CHOWN', 'CAP_SETPCAP'],
  });
  const second = step.setCapabilities({
    ...none,
    bounding: wished,
    effective: wished,
    permitted: wished,
  });
  expect(await statusAfter([first, second], sets)).toMatchObject({ CapEff: mask([0]) });
});

check('no_new_privs, limits, umask and score are there in the application', { needs }, async () => {
  const program = [
    step.setOomScore(321),
    step.setRlimit('nofile', 100, 200),
    step.setRlimit('core', 0, 0),
    step.setUmask(0o027),
    step.noNewPrivileges(),
    shell(
      'grep NoNewPrivs /proc/self/status; grep -E "open files|core" /proc/self/limits; umask; ' +
        'cat /proc/self/oom_score_adj',
    ),
  ];
  const { stdout } = await collect({ program });
  expect(stdout.replaceAll(/ +/g, ' ')).toBe(
    'NoNewPrivs:\t1\n' +
      'Max core file size 0 0 bytes \nMax open files 100 200 files \n0027\n321\n',
  );
});

check('a hard limit that may not be raised is told with a hint', { needs }, async () => {
  const program = [
    step.setCapabilities({ ...none }),
    step.setRlimit('nofile', 2 ** 40, 2 ** 40),
    shell('true'),
  ];
  const refused = collect({ program });
  await expect(refused).rejects.toThrow(
    /step 1 \(setRlimit\): setrlimit\(RLIMIT_NOFILE, .*EPERM: to raise a hard limit/,
  );
});

check('a score that may not be lowered stays, and the container starts', { needs }, async () => {
  const program = [
    step.setOomScore(500),
    step.setCapabilities({ ...none }),
    step.setOomScore(-900),
    shell('cat /proc/self/oom_score_adj'),
  ];
  expect((await collect({ program })).stdout).toBe('500\n');
});

check(
  "a setting is written to its own namespace's file, below a fresh proc",
  { needs },
  async () => {
    const program = [
      step.setPropagation('private'),
      step.mountProc(),
      step.setSysctl('net/ipv4/ip_forward', '1'),
      step.setSysctl('kernel/msgmax', '9000'),
      shell('cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax'),
    ];
    const namespaces = ['mount', 'net', 'ipc', 'pid'] as const;
    expect((await collect({ namespaces, program })).stdout).toBe('1\n9000\n');
    const missing = collect({
      namespaces,
      program: [...program.slice(0, 2), step.setSysctl('kernel/nothing', '1'), shell('true')],
    });
    await expect(missing).rejects.toThrow('openat2("/proc/sys/kernel/nothing", O_WRONLY): ENOENT');
  },
);

/** A row of classic BPF: `mkdir` (and `mkdirat`) answers with `errno`, all else is allowed. */
function noFolders(errno: number): Uint8Array {
  const [mkdir, mkdirat] = process.arch === 'x64' ? [83, 258] : [0xffff, 34];
  const rows: readonly (readonly [code: number, jt: number, jf: number, k: number])[] = [
    [0x20, 0, 0, 0], // the number of the call
    [0x15, 1, 0, mkdir],
    [0x15, 0, 1, mkdirat],
    [0x06, 0, 0, 0x0005_0000 | errno],
    [0x06, 0, 0, 0x7fff_0000],
  ];
  const bytes = Buffer.alloc(rows.length * 8);
  for (const [index, [code, jt, jf, k]] of rows.entries()) {
    bytes.writeUInt16LE(code, index * 8);
    bytes.writeUInt8(jt, index * 8 + 2);
    bytes.writeUInt8(jf, index * 8 + 3);
    bytes.writeUInt32LE(k, index * 8 + 4);
  }
  return bytes;
}

check(
  'a filter stands in front of each call, with and without no_new_privs',
  { needs },
  async () => {
    using filter = sealBytes('filter', noFolders(38));
    const descriptors = [filter.descriptor];
    const script = 'grep Seccomp: /proc/self/status; mkdir /tmp/never';
    const kept = { ...none, bounding: few };
    const rows: readonly (readonly Step[])[] = [
      [step.installSeccomp(0), step.setCapabilities(kept)],
      [step.setIds(1000, 1000, []), step.installSeccomp(0), step.setCapabilities(kept)],
      [step.setCapabilities(kept), step.noNewPrivileges(), step.installSeccomp(0, ['spec-allow'])],
    ];
    for (const steps of rows) {
      const { stdout, stderr } = await collect({ program: [...steps, shell(script)], descriptors });
      expect(stdout).toBe('Seccomp:\t2\n');
      expect(stderr).toContain('Function not implemented');
    }
  },
);

check('a filter that is none is refused by the kernel, and told', { needs }, async () => {
  using filter = sealBytes('filter', Buffer.alloc(8, 0xff));
  const program = [step.installSeccomp(0), shell('true')];
  const refused = collect({ program, descriptors: [filter.descriptor] });
  await expect(refused).rejects.toBeInstanceOf(SyscallError);
  await expect(refused).rejects.toThrow(/EINVAL: the kernel refuses the filter/);
});
