/**
 * Layers there and back, with GNU tar as the judge of everything that a file can be.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { check } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import { wholeOf } from '../tar/archive.fixture.ts';
import { applyLayer } from './apply.ts';
import { diffLayer, digested } from './diff.ts';
import { packEntries } from './pack.ts';
import { openFolder } from './unpack/open-folder.ts';
import { walkTree } from './walk.ts';
import { fromRecipe } from './unpack/recipe.ts';

const needs = ['root', 'native', 'tool:tar', 'tool:setfattr', 'tool:setcap'] as const;

/** One of everything. */
const everything = `
  mkdir -p a/deep sticky; chmod 1777 sticky; chmod 2755 a/deep
  echo hello > a/file; chmod 4755 a/file; chown 1:2 a/file
  ln a/file a/hard; ln -s /etc/passwd absolute; ln -s a/file relative; ln relative alias
  ln -s "$(printf 'x%.0s' $(seq 150))" long-target
  mknod null c 1 3; mknod loop b 7 0; mkfifo fifo; chmod 640 fifo
  setfattr -n user.note -v remark a/file; setfattr -n trusted.note -v mine a
  cp /bin/true ping; setcap cap_net_raw+ep ping
  mkdir -p "$(printf 'd%.0s' $(seq 90))/$(printf 'e%.0s' $(seq 90))"
  echo long > "$(printf 'd%.0s' $(seq 90))/$(printf 'e%.0s' $(seq 90))/file"
  printf x > "$(printf 'na\\xc3\\xafve')"; printf y > "$(printf 'bad\\xff\\xfename')"
  printf z > "$(printf 'line\\nbreak')"
  truncate -s 3M sparse
  printf data | dd of=sparse bs=1 seek=1048576 conv=notrunc status=none
  for at in 100 300 500 700 900 1100 1300; do
    printf x | dd of=holes bs=1 seek=$((at * 1024)) conv=notrunc status=none
  done
  printf end | dd of=sparse bs=1 seek=3145725 conv=notrunc status=none
  dd if=/dev/urandom of=big bs=1k count=300 status=none; : > empty
  chown 3000000:3000000 empty; chown -h 5:6 relative
  touch -h -d '2021-03-04 05:06:07.123456789' a/file relative fifo a
  touch -d '1969-12-31 23:59:58.25' empty
`;

function shell(script: string, cwd: string): string {
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  return execFileSync('bash', ['-ec', script], { cwd, env, encoding: 'utf8' });
}

/** What find, sha256sum, getfattr and getcap say of a tree. */
function describeTree(folder: string): string {
  return shell(
    `find . ! -type d -printf '%P|%M|%U:%G|%s|%T@|%l|%n\\n' | sort
     find . -mindepth 1 -type d -printf '%P|%M|%U:%G|%T@\\n' | sort
     find . -type b -o -type c | sort | xargs stat -c '%n %t:%T'
     find . -type f -print0 | sort -z | xargs -0 sha256sum
     getfattr -R -h -d -m - . ; getcap -r .`,
    folder,
  );
}

for (const format of ['posix', 'gnu']) {
  for (const sparse of [
    '',
    '--sparse',
    '--sparse --sparse-version=0.0',
    '--sparse --sparse-version=0.1',
  ]) {
    if (format === 'gnu' && sparse.includes('version')) continue;
    check(
      `what GNU tar packs (${format} ${sparse}) is unpacked alike`,
      { needs },
      async context => {
        const place = await context.scratch();
        mkdirSync(`${place}/from`);
        shell(everything, `${place}/from`);
        const xattrs = format === 'posix' ? "--xattrs --xattrs-include='*'" : '';
        shell(
          `tar --format=${format} ${sparse} ${xattrs} --numeric-owner -cf ../l.tar .`,
          `${place}/from`,
        );
        mkdirSync(`${place}/gnu`);
        shell(`tar --numeric-owner ${xattrs} -xpf ../l.tar`, `${place}/gnu`);
        await applyLayer(`${place}/l.tar`, `${place}/ours`);
        expect(describeTree(`${place}/ours`)).toBe(describeTree(`${place}/gnu`));
      },
    );
  }
}

check('GNU tar unpacks what we pack alike', { needs }, async context => {
  const place = await context.scratch();
  mkdirSync(`${place}/from`);
  shell(everything, `${place}/from`);
  writeFileSync(`${place}/l.tar`, wholeOf(diffLayer({ tree: `${place}/from` })));
  mkdirSync(`${place}/gnu`);
  shell(
    "tar --numeric-owner --xattrs --xattrs-include='*' -xpf ../l.tar",
    `${place}/gnu`,
  );
  expect(describeTree(`${place}/gnu`)).toBe(describeTree(`${place}/from`));
});

check(
  'the same files make the same bytes, wherever they lie',
  { needs },
  async context => {
    const place = await context.scratch();
    mkdirSync(`${place}/from`);
    shell(everything, `${place}/from`);
    const first = wholeOf(diffLayer({ tree: `${place}/from` }));
    await applyLayer([first], `${place}/to`);
    const second = wholeOf(diffLayer({ tree: `${place}/to` }));
    expect(second.equals(first)).toBe(true);
  },
);

check(
  'a recipe gives an archive of GNU tar back to the byte',
  { needs },
  async context => {
    const place = await context.scratch();
    mkdirSync(`${place}/from`);
    shell(everything, `${place}/from`);
    shell('tar --format=posix --sparse --xattrs -cf ../l.tar .', `${place}/from`);
    const how = { recipe: `${place}/recipe` };
    const { diffId } = await applyLayer(`${place}/l.tar`, `${place}/ours`, how);
    const again = digested(fromRecipe(`${place}/recipe`, `${place}/ours`));
    for (const _ of again) void _;
    expect(again.digest()).toBe(diffId);
  },
);

check('holes stay holes', { needs }, async context => {
  const place = await context.scratch();
  mkdirSync(`${place}/from`);
  shell(
    `truncate -s 1G hole
     printf x | dd of=hole bs=1 seek=500M conv=notrunc status=none`,
    `${place}/from`,
  );
  shell('tar --sparse --format=posix -cf ../l.tar .', `${place}/from`);
  await applyLayer(`${place}/l.tar`, `${place}/ours`);
  const kilobytes = Number(shell('du -k hole | cut -f 1', `${place}/ours`));
  expect(kilobytes).toBeLessThan(1024);
  expect(shell('stat -c %s hole', `${place}/ours`)).toBe('1073741824\n');
});

check(
  'what goes away while it is read is missing, and nothing else is',
  { needs },
  async c => {
    const place = await c.scratch();
    shell('for n in a b c; do mkdir -p $n/in; echo $n > $n/file; done', place);
    using root = openFolder(place);
    const seen: string[] = [];
    for (const { path } of walkTree(root.descriptor)) {
      seen.push(path);
      // It was listed a moment ago, with the others.
      if (path === 'a') shell('rm -r b', place);
    }
    expect(seen).toEqual(['', 'a', 'a/file', 'a/in', 'b', 'c', 'c/file', 'c/in']);
    const walked = [...walkTree(root.descriptor)];
    shell('rm c/file', place);
    const archive = Buffer.concat([...packEntries(root.descriptor, walked)]);
    const listed = execFileSync('tar', ['-t'], { input: archive, encoding: 'utf8' });
    expect(listed.split('\n').filter(name => name.endsWith('file'))).toEqual([
      'a/file',
      'c/file',
    ]);
  },
);

check(
  'a folder that others fill and empty is read without a fault',
  { needs },
  async c => {
    const place = await c.scratch();
    mkdirSync(`${place}/busy`);
    const script =
      'while :; do for n in 1 2 3 4 5 6 7 8; do : > f$n; done; rm -f f*; done';
    const other = spawn('sh', ['-c', script], {
      cwd: `${place}/busy`,
      stdio: 'ignore',
    });
    c.hold({ [Symbol.dispose]: () => void other.kill('SIGKILL') });
    using root = openFolder(place);
    for (let round = 0; round < 3000; round += 1) {
      for (const { path } of walkTree(root.descriptor)) {
        expect(path).toMatch(/^(busy(\/f[1-8])?)?$/);
      }
    }
  },
);
