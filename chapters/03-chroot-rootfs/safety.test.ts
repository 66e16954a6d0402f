/**
 * Roots made by strangers, on the real kernel: a canary outside tells whether anything got out.
 *
 * A container in such a root is refused or contained; both are right. What is never right: a
 * mount, a node, a folder or a byte outside of the root.
 */
import { execFile, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { promisify } from 'node:util';
import { check, type CheckContext } from '@slipway/lab/check.ts';
import { readMountinfo } from '@slipway/lab/proc/mountinfo.ts';
import { cloneTree, spawn as start, step, SyscallError } from '@slipway/native';
import { containerRequest } from '@slipway/namespaces';
import { expect } from 'vitest';
import { busyboxTree } from './root/busybox-rootfs.ts';
import { withRoot } from './root/rootfs.ts';
import { writeTree } from './files/tree.ts';

const needs = ['root', 'native', 'tool:busybox'] as const;

interface Place {
  readonly root: string;
  readonly canary: string;
}

async function prepare(context: CheckContext): Promise<Place> {
  const path = await context.scratch();
  const [root, canary] = [`${path}/root`, `${path}/canary`];
  writeTree(busyboxTree(), root);
  mkdirSync(canary);
  writeFileSync(`${canary}/bird`, 'alive');
  return { root, canary };
}

function expectAlive({ canary }: Place): void {
  expect(readdirSync(canary)).toEqual(['bird']);
  expect(readFileSync(`${canary}/bird`, 'utf8')).toBe('alive');
  const outside = readMountinfo().filter(one => one.mountPoint.startsWith(canary));
  expect(outside).toEqual([]);
}

/**
 * What a shell in the root printed, or the errno with which the container was refused.
 * `meanwhile` happens when /proc is mounted and nothing of it is hidden yet.
 */
async function ask(
  root: string,
  line: string,
  meanwhile?: () => void,
): Promise<string> {
  using tree = cloneTree(root, false);
  const plain = containerRequest({
    namespaces: ['mount', 'pid', 'ipc'],
    argv: ['/bin/busybox', 'sh', '-c', line],
    env: ['PATH=/bin:/usr/bin'],
  });
  const { descriptor } = tree;
  const { program, ...request } = withRoot(plain, { descriptor, readOnly: false });
  try {
    await using child = await start({
      ...request,
      program: program.flatMap(one =>
        meanwhile && one.call === 'mountProc'
          ? [one, step.barrier('meanwhile')]
          : [one],
      ),
      onBarrier: () => Promise.resolve(meanwhile?.()),
      stdio: ['null', 'pipe', 'null'],
    });
    let output = '';
    for await (const piece of child.stdout ?? []) output += String(piece);
    await child.wait();
    return output.trim();
  } catch (error) {
    if (error instanceof SyscallError) return `refused: ${error.code}`;
    throw error;
  }
}

const targets: readonly ((place: Place) => string)[] = [
  ({ canary }) => canary,
  () => '../canary',
  () => '../../../../../../canary',
  () => '/',
  () => '/proc/self/cwd',
  () => '/proc/1/root',
  () => 'loop',
];

for (const name of ['proc', 'sys', 'dev', 'etc']) {
  check(
    `/${name} as a link to anywhere leaves the canary alone`,
    { needs },
    async context => {
      const place = await prepare(context);
      symlinkSync('loop', `${place.root}/loop`);
      for (const target of targets) {
        rmSync(`${place.root}/${name}`, { recursive: true });
        symlinkSync(target(place), `${place.root}/${name}`);
        const seen = await ask(place.root, `ls ${place.canary}; cat /etc/shadow`);
        expect(seen).toMatch(/^(refused: \w+)?$/);
        expectAlive(place);
      }
    },
  );
}

check('/dev/pts as a link is out of sight: /dev is new', { needs }, async context => {
  const place = await prepare(context);
  for (const name of ['pts', 'shm', 'mqueue']) {
    symlinkSync(place.canary, `${place.root}/dev/${name}`);
  }
  const mounts = await ask(place.root, 'mount | grep -c " on /dev/"');
  expect(mounts).toBe('3');
  expectAlive(place);
});

check(
  '/dev/null as a link to a file of /proc writes nothing there',
  { needs },
  async context => {
    const place = await prepare(context);
    const setting = '/proc/sys/kernel/hostname';
    const before = readFileSync(setting, 'utf8');
    symlinkSync(setting, `${place.root}/dev/null`);
    symlinkSync(`${place.canary}/bird`, `${place.root}/dev/zero`);
    const kinds = 'echo dead > /dev/null; stat -c %F:%t:%T /dev/null /dev/zero';
    expect(await ask(place.root, kinds)).toBe(
      'character special file:1:3\ncharacter special file:1:5',
    );
    expect(readFileSync(setting, 'utf8')).toBe(before);
    expectAlive(place);
  },
);

check(
  'files of the image where folders should be are refused',
  { needs },
  async context => {
    const place = await prepare(context);
    rmSync(`${place.root}/proc`, { recursive: true });
    writeFileSync(`${place.root}/proc`, 'a file');
    expect(await ask(place.root, 'true')).toBe('refused: ENOTDIR');
  },
);

check('missing mount points are made in the root', { needs }, async context => {
  const place = await prepare(context);
  for (const name of ['proc', 'sys', 'dev']) {
    rmSync(`${place.root}/${name}`, { recursive: true });
  }
  const seen = await ask(place.root, 'ls -d /proc/1 /sys/kernel /dev/null');
  expect(seen).toBe('/dev/null\n/proc/1\n/sys/kernel');
  expect(existsSync(`${place.root}/proc`)).toBe(true);
});

check(
  '/proc/1/root is the root itself, also if nobody asked for --pid',
  { needs },
  async context => {
    const { root } = await prepare(context);
    const run = ['--import', 'tsx', `${import.meta.dirname}/run.ts`, '--rootfs', root];
    const look = ['--', 'stat', '-c', '%d:%i', '/proc/1/root/', '/'];
    const { stdout } = await promisify(execFile)(process.execPath, [...run, ...look]);
    const [first, own] = stdout.trim().split('\n');
    expect(first).toBe(own);
  },
);

for (const [name, file] of [
  ['proc', 'timer_list'],
  ['sys', 'firmware'],
] as const) {
  check(
    `/${name} renamed before it is masked stays masked`,
    { needs },
    async context => {
      const place = await prepare(context);
      mkdirSync(`${place.root}/decoy`);
      writeFileSync(`${place.root}/decoy/timer_list`, 'what is to be seen');
      const look = `cat /moved/${file} 2> /dev/null | wc -c; ls /moved/${file} | wc -l`;
      const seen = await ask(place.root, look, () => {
        renameSync(`${place.root}/${name}`, `${place.root}/moved`);
        symlinkSync('decoy', `${place.root}/${name}`);
      });
      // The null device has a name, and the empty folder has none in it.
      expect(seen).toBe(name === 'proc' ? '0\n1' : '0\n0');
      expectAlive(place);
    },
  );
}

/** Turns a name of the root into a link and back, as fast as the kernel renames. */
const swap = `
  chdir $ARGV[0]; symlink $ARGV[2], "link"; my $name = $ARGV[1];
  while (1) { rename $name, "was"; rename "link", $name; rename $name, "link"; rename "was", $name }`;

for (const name of ['proc', 'dev', 'sys']) {
  const title = `/${name} swapped with a link while 100 containers start`;
  const options = { needs: [...needs, 'tool:perl'], timeoutMs: 300_000 } as const;
  check(`${title} leads nowhere`, options, async context => {
    const place = await prepare(context);
    const swapper = spawn('perl', ['-e', swap, place.root, name, place.canary]);
    const ended = new Promise(resolve => swapper.once('exit', resolve));
    const answers = new Set<string>();
    try {
      for (let count = 0; count < 100; count += 1) {
        const seen = await ask(place.root, 'echo started');
        answers.add(seen.replace(/^refused.*/, 'refused'));
        expectAlive(place);
      }
    } finally {
      swapper.kill('SIGKILL');
      await ended;
    }
    // Some met a link, so the swapping was no empty threat.
    expect(answers).toContain('refused');
  });
}
