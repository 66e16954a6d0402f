/**
 * Plain QEMU on a bad day. A stand-in plays QEMU: it says on its console what the test wants, and
 * stays; nobody ever answers at its ssh.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { arch } from 'node:os';
import { join } from 'node:path';
import { check } from '@slipway/lab/check.ts';
import { scratchFolder } from '@slipway/lab/scratch.ts';
import { expect, test } from 'vitest';

const labs = join(import.meta.dirname, '..');
const qemu = `qemu-system-${arch() === 'arm64' ? 'aarch64' : 'x86_64'}`;

/** It counts its starts in a file beside the tree, and its process has the folder in its words. */
const standIn = (says: string): string => `#!/bin/bash
while [ $# -gt 0 ]; do
  case $1 in -serial) console=\${2#file:} ;; -pidfile) pid=$2 ;; esac
  shift
done
echo "${says}" > "$console"
echo start >> "$STARTS"
bash -c 'exec -a "$0" sleep 1000' "\${pid%/pid}" < /dev/null > /dev/null 2>&1 &
echo $! > "$pid"
`;

/** A tree of its own, and the programs that front-ends/plain-qemu.sh asks for. */
function treeAt(folder: string, says = 'hello'): NodeJS.ProcessEnv {
  cpSync(labs, join(folder, 'vagrant'), { recursive: true });
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const programs = {
    [qemu]: standIn(says),
    'qemu-img': '#!/bin/sh\ncase $1 in info) echo "file format: raw" ;; *) touch "$9" ;; esac\n',
    ssh: '#!/bin/sh\nexit 255\n',
    'ssh-keygen': '#!/bin/sh\nfor word; do :; done; touch "$word" "$word.pub"\n',
  };
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(bin, name), text, { mode: 0o755 });
  }
  const disk = Buffer.alloc(512);
  disk.set([0x55, 0xaa], 510);
  writeFileSync(join(folder, 'disk.img'), disk);
  return {
    PATH: `${bin}:${process.env['PATH']}`,
    STARTS: join(folder, 'starts'),
    LAB_PROVIDER: 'plain-qemu',
    LAB_MEMORY: '1000',
    LAB_BOX: join(folder, 'disk.img'),
    LAB_LANG: 'en',
  };
}

function up(folder: string, env: NodeJS.ProcessEnv, ...around: readonly string[]) {
  const words = [...around, 'bash', 'vagrant/lab', 'up'];
  const options = { cwd: folder, env, encoding: 'utf8', input: '', timeout: 60_000 } as const;
  const { status, stdout, stderr } = spawnSync('env', words, options);
  return { status, output: `${stdout}${stderr}` };
}

/** What runs for a machine in this folder; who has ended and is not yet reaped has no words. */
function runningIn(folder: string): readonly string[] {
  const { stdout } = spawnSync('ps', ['-eo', 'args='], { encoding: 'utf8' });
  return stdout.split('\n').filter(line => line.startsWith(folder));
}

test('a kernel that gives up is started again, and not for ever', async () => {
  await using folder = scratchFolder();
  const env = treeAt(folder.path, '[ 0.0] Kernel panic - not syncing: no timer!  Boot with …');
  const { status, output } = up(folder.path, env);
  expect(output).toContain('lab: its kernel gave up (no timer); starting it again');
  expect(output).toContain('lab: its kernel gave up 4 times: no timer\nlab: -> when this');
  expect(status).toBe(1);
  expect(readFileSync(join(folder.path, 'starts'), 'utf8')).toBe('start\n'.repeat(4));
  expect(runningIn(folder.path)).toEqual([]);
});

test('a file that nothing can start from is no disk image', async () => {
  await using folder = scratchFolder();
  const env = treeAt(folder.path);
  const prose = join(folder.path, 'vagrant/README.md');
  const { status, output } = up(folder.path, { ...env, LAB_BOX: prose });
  expect(output).toContain(`lab: ${prose} is no disk image`);
  expect(status).toBe(1);
});

check('on a full disk the machine is stopped, and told why', { needs: ['root'] }, async () => {
  await using folder = scratchFolder();
  const env = treeAt(folder.path);
  const machines = join(folder.path, '.vagrant');
  // While the machine starts the room goes.
  const full = `#!/bin/sh\nmount -o remount,size=1M ${machines}\nexit 255\n`;
  writeFileSync(join(folder.path, 'bin/ssh'), full);
  const mount = `mkdir ${machines} && mount -t tmpfs -o size=4100M none ${machines} && exec "$@"`;
  const own = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', mount, 'sh'];
  const { status, output } = up(folder.path, env, ...own);
  expect(output).toContain(`lab: the disk is full (${machines}/lab), so modern stood still`);
  expect(output).toContain('make room on the disk, then vagrant/lab up modern');
  expect(runningIn(folder.path)).toEqual([]);
  expect(status).toBe(1);
});
