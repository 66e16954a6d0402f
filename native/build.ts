// Builds the two native programs into native/dist:
// - slipway-init: static, position-dependent and without a C library, so that it starts in a few
//   page faults and needs nothing from the root file system it wakes up in
// - slipway.node: the addon, with its TypeScript declarations beside it
// Cargo decides what is out of date. `npm run build` at the root and the set-up script call this.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { arch } from 'node:process';

const folder = import.meta.dirname;
const machines: Readonly<Record<string, string>> = { x64: 'x86_64', arm64: 'aarch64' };
const machine = machines[arch];
if (machine === undefined) {
  console.error(`no build for the processor ${arch}: use an x86-64 or arm64 Linux machine`);
  process.exit(1);
}

const target = `${machine}-unknown-linux-gnu`;
const dist = `${folder}/dist`;
mkdirSync(dist, { recursive: true });

// `--target` keeps the flags away from build scripts and procedural macros.
const scope = ['--profile', 'init', '--package', 'slipway-init', '--target', target] as const;
run('cargo', ['build', '--locked', ...scope], {
  RUSTFLAGS: '-C target-feature=+crt-static -C relocation-model=static',
});
const init = `${folder}/target/${target}/init/slipway-init`;

const fresh = mkdtempSync(`${dist}/.fresh-`);
try {
  run('napi', [
    ...['build', '--release', '--package', 'slipway-addon', '--no-js'],
    ...['--output-dir', fresh, '--dts', 'slipway.d.ts', '--', '--locked'],
  ]);
  copyFileSync(init, `${fresh}/slipway-init`);
  // Renamed into place, all at once: whoever runs just now keeps the file that it has mapped.
  for (const name of readdirSync(fresh)) renameSync(`${fresh}/${name}`, `${dist}/${name}`);
} finally {
  rmSync(fresh, { recursive: true });
}

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): void {
  // Where rustup puts cargo; a shell that has not been opened anew since does not know it.
  const PATH = `${process.env['PATH']}:${join(homedir(), '.cargo/bin')}`;
  const options = { cwd: folder, env: { ...process.env, PATH, ...env }, stdio: 'inherit' } as const;
  execFileSync(command, args, options);
}
