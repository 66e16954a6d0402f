#!/usr/bin/env node
/**
 * Set-up: makes a fresh clone ready, and does nothing in well under a second when it is ready.
 *
 *     npm run setup            what `npm start` and `npm test` do first
 *     npm run setup -- --vm    also what the vm tier needs
 *     npm run setup -- --lab   also what looks at the labs (--lab-boot: and starts them)
 *
 * In this order: the machine is looked at; missing Debian packages are installed (named first, and
 * asked about when a person is at the terminal); `npm ci`; the addon and slipway-init are built.
 * What it cannot do itself it names in one line with the command to run.
 *
 * Plain Node >= 20 without dependencies: at this point nothing else is known to be there. Node 24,
 * which everything else runs on, is one of the npm packages that it installs.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { installPackages, missingPackages } from './setup/debian.mjs';
import { staleModules } from './setup/installed.mjs';
import { staleNative, stampNative } from './setup/native.mjs';
import { asOwner } from './setup/owner.mjs';
import { cleanEnvironment, findTool, insidePath, outsidePath, root } from './setup/tools.mjs';

const say = (/** @type {string} */ line) => process.stdout.write(`set-up: ${line}\n`);

/**
 * @param {string} what
 * @param {string} todo
 * @returns {never}
 */
function giveUp(what, todo) {
  process.stderr.write(`set-up: ${what} -> ${todo}\n`);
  process.exit(1);
}

/**
 * Runs a slow command. A person sees its output live; otherwise it is shown when it fails.
 * @param {string} name @param {string[]} args @param {string} path @param {string} todo
 */
function run(name, args, path, todo) {
  const live = process.stderr.isTTY;
  const started = Date.now();
  const stdio = live ? 'inherit' : 'pipe';
  const who = asOwner(root, cleanEnvironment(path));
  const result = spawnSync(name, args, { cwd: root, ...who, stdio, encoding: 'utf8' });
  if (result.status !== 0) {
    if (!live) process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}`);
    giveUp(`\`${name} ${args.join(' ')}\` failed`, todo);
  }
  say(`  done in ${((Date.now() - started) / 1000).toFixed(1)} s`);
}

function lookAtMachine() {
  if (process.platform !== 'linux') {
    giveUp('containers need a Linux kernel, and this is not one', 'vagrant up && vagrant ssh');
  }
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) giveUp(`node is ${process.version}, wanted >= 20`, 'sudo apt-get install nodejs');
  if (findTool('npm') === undefined) giveUp('npm is missing', 'sudo apt-get install npm');
}

/** @param {string} question */
async function agrees(question) {
  if (!process.stdin.isTTY) return true;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`set-up: ${question} [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

async function debianPackages() {
  const missing = missingPackages(process.argv);
  if (missing.length === 0) return;
  const names = missing.map(row => row.name).join(' ');
  for (const row of missing) say(`missing: ${row.name} (${row.needs})`);
  if (findTool('apt-get') === undefined) {
    say(`no apt-get here -> install what your system calls: ${names}`);
  } else if (process.getuid?.() !== 0) {
    say(`not root -> sudo apt-get install ${names}`);
  } else if (await agrees(`install ${names} with apt-get?`)) {
    say(`installing ${names}`);
    const error = installPackages(missing);
    if (error !== undefined) say(`${error}\nset-up: -> apt-get update && apt-get install ${names}`);
  } else {
    say('left out; what needs them will say NOT RUN');
  }
}

function npmPackages() {
  const reason = staleModules(root);
  if (reason === undefined) return;
  say(`npm ci (${reason})`);
  run('npm', ['ci', '--loglevel=error', '--no-audit', '--no-fund'], outsidePath(), 'npm ci');
  if (!existsSync(join(root, 'node_modules', '.bin', 'node'))) {
    giveUp(`npm has no Node 24 for ${process.arch}`, 'use an x64 or arm64 machine');
  }
}

function native() {
  const reason = staleNative(root);
  if (reason === undefined) return;
  const { PATH } = asOwner(root, cleanEnvironment(insidePath())).env;
  if (findTool('cargo', PATH) === undefined) {
    giveUp(
      'cargo is missing (Rust >= 1.85)',
      'sudo apt-get install rustup && rustup default stable',
    );
  }
  if (findTool('cc') === undefined) giveUp('no C linker', 'sudo apt-get install gcc libc6-dev');
  say(`building the addon and slipway-init (${reason})`);
  run('npm', ['run', '--silent', 'build', '-w', 'native'], insidePath(), 'npm run build');
  stampNative(root);
}

lookAtMachine();
await debianPackages();
npmPackages();
// The native part may not be there in a checkout of an early commit.
if (existsSync(join(root, 'native', 'build.ts'))) native();
