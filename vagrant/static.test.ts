/**
 * What can be said about the labs without starting one: Vagrant accepts the file with each
 * provider, the scripts are clean, the tables agree with each other and with the READMEs, and bad
 * settings are named. (Whether the boxes are still on the web is looked up by a person.)
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  globSync,
  mkdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { arch } from 'node:os';
import { join } from 'node:path';
import { check } from '@slipway/lab/check.ts';
import { scratchFolder } from '@slipway/lab/scratch.ts';
import { expect, test } from 'vitest';
import { machines, tableRows } from './machines/machines.ts';

const root = join(import.meta.dirname, '..');

interface Result {
  readonly status: number | null;
  readonly output: string;
}

function run(command: readonly string[], env: NodeJS.ProcessEnv = {}, cwd = root): Result {
  const [program = '', ...args] = command;
  const own = { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env };
  const options = { cwd, encoding: 'utf8', env: own, input: '' } as const;
  const { status, stdout, stderr } = spawnSync(program, args, options);
  return { status, output: `${stdout}${stderr}` };
}

const lab = (words: string, env: NodeJS.ProcessEnv = {}): Result =>
  run(['bash', 'vagrant/lab', ...words.split(' ')], env);

/** A copy of what Vagrant reads, with a VirtualBox that only says its version. */
function vagrantTree(folder: string): NodeJS.ProcessEnv {
  cpSync(join(root, 'Vagrantfile'), join(folder, 'Vagrantfile'));
  for (const part of ['machines', 'provision']) {
    cpSync(join(root, 'vagrant', part), join(folder, 'vagrant', part), { recursive: true });
  }
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'VBoxManage'), '#!/bin/sh\necho 6.1.50r161033\n');
  chmodSync(join(bin, 'VBoxManage'), 0o755);
  return {
    PATH: `${bin}:${process.env['PATH']}`,
    VAGRANT_HOME: join(folder, 'home'),
    VAGRANT_CHECKPOINT_DISABLE: '1',
  };
}

for (const provider of ['libvirt', 'virtualbox']) {
  check(`vagrant accepts the file for ${provider}`, { needs: ['tool:vagrant'] }, async () => {
    await using folder = scratchFolder();
    const env = { ...vagrantTree(folder.path), VAGRANT_DEFAULT_PROVIDER: provider };
    const { status, output } = run(['vagrant', 'validate'], env, folder.path);
    expect(output).toContain('validated successfully');
    expect(status).toBe(0);
  });

  check(
    `and sees a wrong word in the block of ${provider}`,
    { needs: ['tool:vagrant'] },
    async () => {
      await using folder = scratchFolder();
      const env = { ...vagrantTree(folder.path), VAGRANT_DEFAULT_PROVIDER: provider };
      const file = join(folder.path, 'Vagrantfile');
      const short = provider === 'libvirt' ? 'lv' : 'vb';
      const wrong = readFileSync(file, 'utf8').replace(`${short}.memory`, `${short}.memroy`);
      writeFileSync(file, wrong);
      const { status, output } = run(['vagrant', 'validate'], env, folder.path);
      expect(output).toContain('memroy');
      expect(status).not.toBe(0);
    },
  );
}

check('Ruby reads the file', { needs: ['tool:ruby'] }, () => {
  expect(run(['ruby', '-c', 'Vagrantfile'])).toEqual({ status: 0, output: 'Syntax OK\n' });
});

check(
  'a setting that does not exist stops Vagrant by name',
  { needs: ['tool:vagrant'] },
  async () => {
    await using folder = scratchFolder();
    const env = vagrantTree(folder.path);
    const misspelt = run(['vagrant', 'validate'], { ...env, LAB_MEMROY: '1' }, folder.path);
    expect(misspelt.output).toContain('LAB_MEMROY is no setting: there is LAB_BOX, ');
    const small = run(['vagrant', 'validate'], { ...env, LAB_MEMORY: '12' }, folder.path);
    expect(small).toEqual({
      status: 1,
      output: 'LAB_MEMORY=12: wanted is MiB of memory, 1000 or more\n',
    });
  },
);

check('shellcheck finds nothing in the scripts', { needs: ['tool:shellcheck'] }, () => {
  const files = ['vagrant/lab', ...globSync('vagrant/**/*.sh', { cwd: root })];
  expect(files.length).toBeGreaterThan(6);
  expect(run(['shellcheck', '-x', ...files])).toEqual({ status: 0, output: '' });
});

const limaFile = join(root, 'vagrant/front-ends/lima.yaml');

check('Lima accepts its file', { needs: ['root', 'tool:limactl', 'tool:setpriv'] }, async () => {
  await using folder = scratchFolder();
  chownSync(folder.path, 65_534, 65_534);
  const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
  const env = { HOME: folder.path, LIMA_HOME: join(folder.path, 'lima') };
  // It starts for root in no case, and of an unknown word it only warns.
  const text = join(folder.path, 'lima.yaml');
  cpSync(limaFile, text);
  const { status, output } = run([...nobody, 'limactl', 'validate', text], env, '/');
  expect(output).not.toContain('unknown field');
  expect(status).toBe(0);
});

test('every word of its file is one that Lima knows, and names a processor as Lima does', () => {
  const rows = readFileSync(join(root, 'vagrant/front-ends/lima-keys.table'), 'utf8').split('\n');
  const known = new Map(rows.map(row => row.split(/\s+/)).map(([part, ...words]) => [part, words]));
  let part = '';
  const strange = readFileSync(limaFile, 'utf8')
    .split('\n')
    .flatMap(line => {
      const [, indent = '', word] = /^([ -]*)(\w+):/.exec(line) ?? [];
      if (word === undefined) return [];
      if (indent === '') part = word;
      return known.get(indent === '' ? '.' : part)?.includes(word) ? [] : [`${part}: ${word}`];
    });
  expect([part, strange]).toEqual(['containerd', []]);
  const processors = new Set(tableRows('images').map(([, processor]) => processor));
  expect(processors).toEqual(new Set(['aarch64', 'x86_64']));
});

test('every machine has a box for every provider, and an image for every processor', () => {
  const bases = new Set(machines().map(machine => machine.base));
  const providers = new Set(tableRows('boxes').map(([, provider]) => provider));
  const boxes = tableRows('boxes').map(([base, provider]) => `${base} ${provider}`);
  const images = tableRows('images').map(([base, processor]) => `${base} ${processor}`);
  for (const base of bases) {
    for (const provider of providers) expect(boxes).toContain(`${base} ${provider}`);
    for (const processor of ['x86_64', 'aarch64']) expect(images).toContain(`${base} ${processor}`);
  }
});

test('the machines of the READMEs are those of the table', () => {
  const rows = machines().map(({ name, base, world }) => `${name} ${base} ${world}`);
  for (const file of ['vagrant/README.md', 'vagrant/README.zh-CN.md']) {
    const text = readFileSync(join(root, file), 'utf8');
    const told = [...text.matchAll(/^\| `([\w-]+)` \| ([\w. ]+) \| (v[12]) \|/gm)].map(
      ([, name, base = '', world]) => `${name} ${base.toLowerCase().replace(' ', '-')} ${world}`,
    );
    expect(told).toEqual(rows);
  }
});

test('the npm package that brings Node has a digest in the lock for both processors', () => {
  const text = readFileSync(join(root, 'package-lock.json'), 'utf8');
  for (const suffix of ['x64', 'arm64']) {
    expect(text).toMatch(
      new RegExp(`"node_modules/node-linux-${suffix}": \\{[^}]*"integrity": "sha512-`),
    );
  }
});

test('lab names a wrong setting, machine or command, and what there is', () => {
  expect(lab('up', { LAB_FOO: '1' }).output).toMatch(
    /^lab: LAB_FOO is no setting\nlab: -> LAB_BOX /,
  );
  expect(lab('up', { LAB_CPUS: 'many', LANG: 'zh_CN.UTF-8' }).output).toBe(
    'lab: LAB_CPUS=many 不行\nlab: -> the number of processors, 1 to 99\n',
  );
  expect(lab('up nowhere')).toEqual({
    status: 1,
    output: 'lab: there is no machine nowhere\nlab: -> modern classic-cgroup classic-aufs \n',
  });
  expect(lab('upp').status).toBe(2);
  expect(lab('destroy modern classic-cgroup')).toEqual({
    status: 1,
    output: 'lab: one word too many: classic-cgroup\nlab: -> vagrant/lab destroy modern\n',
  });
  expect(lab('up', { LAB_PORT: '70000' }).output).toContain('1000 to 64999');
  expect(lab('up', { LAB_MIRROR: 'debain=http://mirror.invalid' }).output).toContain(
    'with the names debian,',
  );
});

/** Only what the scripts themselves need; no virtual machine of any kind. */
function bareTools(folder: string): string {
  const bin = join(folder, 'bare');
  mkdirSync(bin);
  const names = 'bash awk grep sed dirname readlink uname tr cat ps df du mkdir';
  for (const name of names.split(' ')) {
    const { output } = run(['sh', '-c', `command -v ${name}`]);
    writeFileSync(join(bin, name), `#!/bin/sh\nexec ${output.trim()} "$@"\n`, { mode: 0o755 });
  }
  return bin;
}

test('without anything that starts a machine, lab says what to install', async () => {
  await using folder = scratchFolder();
  const PATH = bareTools(folder.path);
  const { status, output } = lab('up', { PATH });
  expect(status).toBe(1);
  expect(output).toContain('nothing here can start a virtual machine');
  expect(output).toContain('sudo apt-get install vagrant vagrant-libvirt');
  expect(output.trim().split('\n')).toHaveLength(4);
});

test('without Vagrant lab takes QEMU, and names the tool that is missing', async () => {
  await using folder = scratchFolder();
  const PATH = bareTools(folder.path);
  writeFileSync(join(PATH, 'qemu-system-x86_64'), '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(join(PATH, 'qemu-system-aarch64'), '#!/bin/sh\n', { mode: 0o755 });
  expect(lab('up', { PATH }).output).toMatch(
    /^lab: qemu-img is missing\nlab: -> sudo apt-get install qemu-system-\w+ qemu-utils /,
  );
});

const qemuTools = ['tool:qemu-img', 'tool:qemu-system-x86_64'] as const;

check('a disk image that is not there is named', { needs: qemuTools }, async () => {
  await using folder = scratchFolder();
  // In a tree of its own: there may be a machine of this name in ours.
  cpSync(import.meta.dirname, join(folder.path, 'vagrant'), { recursive: true });
  const env = { LAB_PROVIDER: 'plain-qemu', LAB_BOX: '/nowhere/disk.qcow2', LAB_MEMORY: '1000' };
  const { output } = run(['bash', 'vagrant/lab', 'up', 'modern'], env, folder.path);
  expect(output).toContain('lab: LAB_BOX: there is no file /nowhere/disk.qcow2');
});

test('a box of Vagrant’s is no disk image, and lab says what is in it', async () => {
  await using folder = scratchFolder();
  cpSync(import.meta.dirname, join(folder.path, 'vagrant'), { recursive: true });
  const PATH = bareTools(folder.path);
  const qemu = `qemu-system-${arch() === 'arm64' ? 'aarch64' : 'x86_64'}`;
  for (const name of ['qemu-img', qemu, 'ssh', 'ssh-keygen', 'curl']) {
    writeFileSync(join(PATH, name), '#!/bin/sh\n', { mode: 0o755 });
  }
  for (const name of ['basename', 'tar']) {
    writeFileSync(join(PATH, name), `#!/bin/sh\nexec /usr/bin/${name} "$@"\n`, { mode: 0o755 });
  }
  writeFileSync(join(folder.path, 'box.img'), '');
  const box = join(folder.path, 'debian.box');
  expect(run(['tar', '-cf', box, '-C', folder.path, 'box.img']).status).toBe(0);
  const env = { PATH, LAB_PROVIDER: 'plain-qemu', LAB_BOX: box, LAB_MEMORY: '1000' };
  const { status, output } = run(['bash', 'vagrant/lab', 'up'], env, folder.path);
  expect(output).toContain(`lab: ${box} is a box for Vagrant`);
  expect(status).toBe(1);
});

const complaints = [
  ['Error while connecting to Libvirt: no such file', 'libvirt does not answer'],
  ["reporting that it isn't usable on this system", 'install it, or take another'],
  ["The provider 'parallels' could not be found, but was requested", 'install it, or take another'],
  ["The box 'no/such' could not be found", 'the box is not to be had. Another one: LAB_BOX='],
  ['The forwarded port to 2222 is already in use', 'a port is in use'],
  ['write error: No space left on device', 'the disk is full'],
  ['error occurred while downloading: Failure writing output to destination', 'the disk is full'],
  ['cannot set up guest memory: Cannot allocate memory', 'there is too little memory'],
  ['No usable default provider could be found', 'LAB_PROVIDER=plain-qemu'],
  ['something else', 'what Vagrant says stands above'],
] as const;

test.each(complaints)('when Vagrant says "%s", lab says what to do', async (said, told) => {
  await using folder = scratchFolder();
  const bin = join(folder.path, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'vagrant'), `#!/bin/sh\necho "${said}" >&2\nexit 1\n`, { mode: 0o755 });
  const { status, output } = lab('up', { PATH: `${bin}:${process.env['PATH']}` });
  expect(output).toContain(said);
  expect(output.trim().split('\n').at(-1)).toContain(told);
  expect(status).toBe(1);
});

/** A stand-in that answers `status` and `ssh`, and writes down what else it was asked to do. */
function standIn(folder: string, state: string, isSetUp: boolean, up = 'exit 0'): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  const text = [
    '#!/bin/sh',
    'case $1 in',
    `status) echo 1,modern,state,$(cat ${folder}/state) ;;`,
    `ssh) [ -e ${folder}/set-up ] || exit 127 ;;`,
    `up) echo "$*" >> ${folder}/asked; echo running > ${folder}/state; ${up} ;;`,
    `*) echo "$*" >> ${folder}/asked ;;`,
    'esac',
  ];
  writeFileSync(join(bin, 'vagrant'), `${text.join('\n')}\n`, { mode: 0o755 });
  writeFileSync(join(folder, 'state'), `${state}\n`);
  if (isSetUp) writeFileSync(join(folder, 'set-up'), '');
  return `${bin}:${process.env['PATH']}`;
}

const oldDisk =
  '[ -e $0.again ] || ' +
  "{ touch $0.again; echo 'Volume for domain is already created'; exit 1; }";

const starts = [
  ['there is none', 'not_created', false, 'exit 0', ['up modern']],
  ['it runs', 'running', true, 'exit 0', ['up modern']],
  ['its set-up was cut short', 'running', false, 'exit 0', ['reload --provision modern']],
  ['it stands', 'shutoff', true, 'exit 0', ['up modern']],
  ['it stands half set up', 'shutoff', false, 'exit 1', ['up modern', 'provision modern']],
  [
    'only its disk is there',
    'not_created',
    false,
    oldDisk,
    ['up modern', 'destroy --force modern', 'up modern'],
  ],
] as const;

test.each(starts)('where %s, lab asks Vagrant for what is missing', async (...row) => {
  const [, state, isSetUp, up, wanted] = row;
  await using folder = scratchFolder();
  const PATH = standIn(folder.path, state, isSetUp, up);
  const { status, output } = lab('up', { PATH });
  const asked = readFileSync(join(folder.path, 'asked'), 'utf8').trim().split('\n');
  expect([status, asked]).toEqual([0, wanted]);
  expect(output).toContain(wanted[0] === 'up modern' ? 'a few minutes' : 'was interrupted');
});

test('a box that is a file is named from where one stands', async () => {
  await using folder = scratchFolder();
  const PATH = standIn(folder.path, 'not_created', false);
  writeFileSync(join(folder.path, 'my.box'), '');
  const tell = `#!/bin/sh\n[ "$1" != up ] || echo "$LAB_BOX"\n`;
  writeFileSync(join(folder.path, 'bin/vagrant'), tell, { mode: 0o755 });
  const words = ['bash', join(root, 'vagrant/lab'), 'up'];
  const { output } = run(words, { PATH, LAB_BOX: 'my.box' }, folder.path);
  expect(output).toContain(`\n${folder.path}/my.box\n`);
});
