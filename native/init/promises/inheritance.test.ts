/** What an application does not inherit from Node: descriptors, signals, variables, rights. */
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { expect } from 'vitest';
import { check } from '@slipway/lab/check.ts';
import { collect, path, shell } from '../../process/collect.ts';
import { step } from '../../program/program.ts';

const needs = ['native', 'tool:busybox'] as const;

check(
  'every descriptor but 0 to 2 is closed, also one without close-on-exec',
  { needs },
  async ({ scratch }) => {
    const file = `${await scratch()}/secret`;
    writeFileSync(file, 'secret');
    // Node opens with close-on-exec, and marks the low numbers that it inherits; not this one.
    const script = `
    import { collect, shell } from ${JSON.stringify(`${import.meta.dirname}/../../process/collect.ts`)};
    import { readFileSync } from 'node:fs';
    const flags = readFileSync('/proc/self/fdinfo/100', 'utf8');
    const { stdout } = await collect({ program: [shell('ls -l /proc/self/fd')] });
    console.log(JSON.stringify({ flags, stdout }));`;
    const output = execFileSync(
      'bash',
      ['-c', `exec 100<${file}; exec "$0" --input-type=module -e "$1"`, process.execPath, script],
      { encoding: 'utf8', cwd: import.meta.dirname },
    );
    const { flags, stdout } = JSON.parse(output) as { flags: string; stdout: string };
    const openFlags = Number.parseInt(/^flags:\s+(\d+)$/m.exec(flags)?.[1] ?? '', 8);
    expect(openFlags & 0o2000000).toBe(0);
    const numbers = [...stdout.matchAll(/ (\d+) -> /g)].map(([, number]) => Number(number));
    // Descriptor 3 is the folder that ls itself has read: the link is gone when it is looked at.
    expect(numbers).toEqual([0, 1, 2]);
    expect(stdout).not.toContain('secret');
  },
);

check('descriptors for steps are closed too', { needs: [...needs, 'root'] }, async () => {
  const namespace = openSync('/proc/self/ns/uts', 'r');
  const { stdout } = await collect({
    descriptors: [namespace, namespace],
    program: [step.setns(1, ['uts']), shell('ls /proc/self/fd | tr "\\n" " "')],
  });
  expect(stdout).toBe('0 1 2 3 ');
});

check('no signal is ignored and none is blocked', { needs }, async () => {
  const ours = readFileSync('/proc/self/status', 'utf8');
  // Node ignores SIGPIPE; a shell that inherited that would never see a broken pipe.
  expect(BigInt(`0x${/^SigIgn:\s+(\w+)$/m.exec(ours)?.[1]}`) & (1n << 12n)).not.toBe(0n);
  const { stdout } = await collect({
    program: [
      step.exec(['busybox', 'grep', '-E', '^Sig(Ign|Blk|Cgt)', '/proc/self/status'], [path]),
    ],
  });
  expect(stdout.match(/0{16}/g)).toHaveLength(3);
});

check('a broken pipe ends a shell inside as it should', { needs }, async () => {
  const { stdout, stderr } = await collect({
    program: [shell('(yes; echo $? >&2) | head -n1')],
  });
  expect([stdout, stderr]).toEqual(['y\n', '141\n']);
});

check('the environment is what exec names, to the byte', { needs }, async () => {
  const env = ['A=1', 'EMPTY=', 'WITH=equals=inside', 'ÜMLAUT=ä', 'NEWLINE=a\nb'];
  const { stdout } = await collect({
    program: [step.exec(['/usr/bin/busybox', 'cat', '/proc/self/environ'], env)],
  });
  expect(stdout).toBe(env.map(entry => `${entry}\0`).join(''));
});

check('arguments arrive as they are: spaces, quotes, nothing', { needs }, async () => {
  const argv = ['busybox', 'sh', '-c', 'printf "[%s]" "$@"', 'sh', 'a b', '"', "'", '', '$HOME'];
  const { stdout } = await collect({ program: [step.exec(argv, [path])] });
  expect(stdout).toBe(`[a b]["]['][][$HOME]`);
});

check('the umask is 022, whatever ours is', { needs }, async () => {
  const before = process.umask(0o077);
  try {
    expect((await collect({ program: [shell('umask')] })).stdout).toBe('0022\n');
  } finally {
    process.umask(before);
  }
});

check('PATH is that of the application, not ours', { needs }, async ({ scratch }) => {
  const folder = await scratch();
  writeFileSync(`${folder}/hello`, '#!/bin/sh\necho hello from $0\n', { mode: 0o755 });
  const { stdout } = await collect({
    program: [step.exec(['hello'], [`PATH=/nowhere:${folder}`])],
  });
  expect(stdout).toBe(`hello from ${folder}/hello\n`);
});

check('a working directory is changed before the application starts', { needs }, async () => {
  const program = [step.changeDirectory('/proc'), shell('pwd')];
  expect((await collect({ program })).stdout).toBe('/proc\n');
});
