/**
 * The labs, really started: a box is made from Debian's packages, and everything is run in its
 * machines.
 *
 *     npm run test:lab                               all of it; an hour or two where QEMU emulates
 *     npm run test:lab -- plain-qemu modern units    only these: front ends, machines, steps
 *
 * Steps, for each front end and machine: interrupted (an `up` that is killed while it sets the
 * machine up), up (goes on from there, and ends with the doctor), again (a second `up` changes
 * nothing), units (each solved by its own solution), chapters (every run.ts), checkpoints, destroy.
 * A machine that did not come up is one failure; its other steps are NOT RUN. The last line is the
 * count.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findTool, root } from '../../workshop/setup/tools.mjs';
import { closeRun, merge, nothing, type Outcome } from '../../workshop/tests/outcome.ts';

const frontEnds = ['plain-qemu', 'libvirt'] as const;
/** aufs would need a box with Ubuntu's old kernel, which cannot be made from Debian's packages. */
const machines = ['modern', 'classic-cgroup'] as const;
const chapterNames = '01-namespaces 02-cgroups 03-chroot-rootfs 04-unionfs 05-volumes 06-network';

/** Slower than here by this, in a machine whose processor is emulated. */
const asRoot =
  'sudo env HOME=$HOME SLIPWAY_SLOW=10 NODE_COMPILE_CACHE=/var/tmp/compiled ' +
  'PATH=$PWD/node_modules/.bin:$PATH:/usr/sbin:/sbin';
const inTree = `cd ~/slipway && ${asRoot}`;
const vitest = (filter: string): string =>
  `${inTree} node node_modules/vitest/vitest.mjs run --project kernel ${filter}`;

/** What is typed behind `vagrant/lab`; a step that begins with `ssh` runs inside. */
const steps: Readonly<Record<string, (machine: string) => readonly string[]>> = {
  interrupted: machine => ['up', machine],
  up: machine => ['up', machine],
  again: machine => ['up', machine],
  units: machine => inside(machine, vitest('vagrant/units')),
  chapters: machine =>
    inside(
      machine,
      `${inTree} sh -c 'for c in ${chapterNames}; do ` +
        `tsx chapters/$c/run.ts || bad="$bad $c"; done; ` +
        `[ -z "$bad" ] || { echo "not as expected:$bad"; exit 1; }'`,
    ),
  checkpoints: machine => inside(machine, vitest('checkpoints.test.ts')),
  destroy: machine => ['destroy', machine],
};

function inside(machine: string, script: string): readonly string[] {
  return ['ssh', machine, '--', 'bash', '-c', script];
}

const print = (line: string): boolean => process.stdout.write(`${line}\n`);
const cache = join(root, '.cache/lab');

/** Made anew when the script that makes it has changed. */
function makeBox(): string | undefined {
  const script = join(import.meta.dirname, 'make-box.sh');
  const digest = createHash('sha256').update(readFileSync(script)).digest('hex').slice(0, 12);
  const folder = join(cache, `box-${digest}`);
  if (existsSync(join(folder, 'debian-12.box'))) return folder;
  print('making a box from Debian packages (a few minutes)');
  const made = spawnSync('unshare', ['--mount', '--propagation', 'private', script, folder], {
    stdio: 'inherit',
  });
  return made.status === 0 ? folder : undefined;
}

/** A tree of its own: ours may have machines in it, and somebody who works in it. */
function copyOfTree(): string {
  const copy = join(cache, 'tree');
  mkdirSync(copy, { recursive: true });
  const leftOut = ['.git', '.cache', '.vagrant', 'native/target', 'vagrant/offline'].map(
    name => `--exclude=/${name}`,
  );
  const args = ['-a', '--delete', ...leftOut, `${root}/`, `${copy}/`];
  const { status, stderr } = spawnSync('rsync', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the tree cannot be copied: ${stderr}`);
  bringNpm(join(copy, 'vagrant/offline'));
  return copy;
}

/** The one thing that a machine without a network lacks, and that no folder of ours holds. */
function bringNpm(folder: string): void {
  const pins = readFileSync(join(root, 'vagrant/provision/pins.table'), 'utf8');
  const version = /^npm +(\S+)/m.exec(pins)?.[1] ?? '';
  mkdirSync(folder, { recursive: true });
  if (existsSync(join(folder, `npm-${version}.tgz`))) return;
  const options = { cwd: folder, encoding: 'utf8' } as const;
  const { status, stderr } = spawnSync('npm', ['pack', '--silent', `npm@${version}`], options);
  if (status !== 0) throw new Error(`npm@${version} cannot be fetched: ${stderr}`);
}

async function lab(tree: string, words: readonly string[], env: NodeJS.ProcessEnv) {
  const child = spawn(join(tree, 'vagrant/lab'), words, {
    cwd: tree,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return await new Promise<number>(resolve => {
    child.on('close', status => resolve(status ?? 1));
  });
}

/** What the set-up in the machine says first, whatever the front end. */
const underWay = /lab: packages:/;

/** → 0 when it was killed, with all that it had started, in the middle. */
async function labCutShort(tree: string, words: readonly string[], env: NodeJS.ProcessEnv) {
  const child = spawn(join(tree, 'vagrant/lab'), words, {
    cwd: tree,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const ended = new Promise<void>(resolve => {
    child.on('exit', () => resolve());
  });
  let [said, killed] = ['', false];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    process.stdout.write(text);
    said += text;
    if (killed || !underWay.test(said) || child.pid === undefined) return;
    killed = process.kill(-child.pid, 'SIGKILL');
  });
  await ended;
  return killed ? 0 : 1;
}

function settings(frontEnd: string, box: string): NodeJS.ProcessEnv {
  const offline = { LAB_OFFLINE: '1', LAB_PROVIDER: frontEnd, LAB_LANG: 'en' };
  if (frontEnd === 'plain-qemu') return { ...offline, LAB_BOX: join(box, 'debian-12.qcow2') };
  const vagrant = { VAGRANT_HOME: join(cache, 'vagrant'), SLIPWAY_ACCELERATOR: 'tcg' };
  return { ...offline, ...vagrant, LAB_BOX: join(box, 'debian-12.box') };
}

async function workThrough(
  frontEnd: string,
  machine: string,
  wanted: readonly string[],
  box: string,
  tree: string,
): Promise<Outcome> {
  const outcomes: Outcome[] = [];
  let reason: string | undefined;
  for (const step of wanted) {
    const name = `lab(${frontEnd}): ${machine} ${step}`;
    if (reason !== undefined && step !== 'destroy') {
      outcomes.push({ ...nothing, notRun: [{ name, reason }] });
      continue;
    }
    print(`== ${name}`);
    const started = performance.now();
    const run = step === 'interrupted' ? labCutShort : lab;
    const status = await run(tree, steps[step]?.(machine) ?? [], settings(frontEnd, box));
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    print(`${status === 0 ? 'ok  ' : 'FAIL'}  ${name}  ${seconds} s`);
    outcomes.push(status === 0 ? { ...nothing, passed: 1 } : { ...nothing, failed: 1 });
    if (step === 'up' && status !== 0) reason = 'the machine did not come up';
  }
  return merge(outcomes);
}

/** libvirt's daemon lives in namespaces of its own, and so does what speaks with it. */
function underLibvirt(words: readonly string[]): Outcome {
  const file = join(cache, 'outcome.json');
  const script = join(import.meta.dirname, 'libvirt.sh');
  const again = [process.execPath, ...process.execArgv, process.argv[1] ?? '', ...words];
  spawnSync(script, [join(cache, 'libvirt'), ...again], {
    stdio: 'inherit',
    env: { ...process.env, SLIPWAY_OUTCOME: file },
  });
  if (!existsSync(file)) return { ...nothing, broken: ['libvirt did not start'] };
  return JSON.parse(readFileSync(file, 'utf8')) as Outcome;
}

async function main(words: readonly string[]): Promise<number> {
  const chosen = <T extends string>(all: readonly T[]): readonly T[] => {
    const some = all.filter(one => words.includes(one));
    return some.length > 0 ? some : all;
  };
  const known = [...frontEnds, ...machines, ...Object.keys(steps)];
  const unknown = words.filter(word => !known.includes(word));
  if (unknown.length > 0) {
    print(`${unknown.join(' ')}: there is ${known.join(' ')}`);
    return 2;
  }
  const missing = ['mmdebstrap', 'qemu-img', 'rsync'].find(tool => findTool(tool) === undefined);
  const box = missing === undefined && process.getuid?.() === 0 ? makeBox() : undefined;
  if (box === undefined) {
    const why = missing === undefined ? 'no box could be made (as root?)' : `${missing} is missing`;
    return closeRun({ ...nothing, broken: [why] }, print);
  }
  const outcomes: Outcome[] = [];
  const own = process.env['SLIPWAY_BESIDE_LIBVIRT'] === 'yes';
  // Beside libvirt there is no network: whoever led there has brought what is needed.
  const tree = own ? join(cache, 'tree') : copyOfTree();
  for (const frontEnd of chosen(frontEnds)) {
    for (const machine of chosen(machines)) {
      const wanted = chosen(Object.keys(steps));
      outcomes.push(
        frontEnd === 'libvirt' && !own
          ? underLibvirt([frontEnd, machine, ...wanted])
          : await workThrough(frontEnd, machine, wanted, box, tree),
      );
    }
  }
  const outcome = merge(outcomes);
  const file = process.env['SLIPWAY_OUTCOME'];
  if (file !== undefined && process.env['SLIPWAY_BESIDE_LIBVIRT'] === 'yes') {
    writeFileSync(file, JSON.stringify(outcome));
    return 0;
  }
  return closeRun(outcome, print);
}

process.exitCode = await main(process.argv.slice(2));
