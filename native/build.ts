// Builds the two native programs into native/dist:
// - slipway-init: static, position-dependent, so that it starts in few page faults and needs
//   nothing from the root file system it wakes up in
// - slipway.node: the addon, with its TypeScript declarations beside it
// Cargo decides what is out of date. `npm run build` at the root and the set-up script call this.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, renameSync } from 'node:fs';
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
run('cargo', ['build', '--release', '--locked', '--package', 'slipway-init', '--target', target], {
  RUSTFLAGS: '-C target-feature=+crt-static -C relocation-model=static',
});
const built = `${folder}/target/${target}/release/slipway-init`;
// Renamed into place: a running container's start never reads half a file.
copyFileSync(built, `${dist}/slipway-init.new`);
renameSync(`${dist}/slipway-init.new`, `${dist}/slipway-init`);

run('napi', [
  ...['build', '--release', '--package', 'slipway-addon', '--no-js'],
  ...['--output-dir', 'dist', '--dts', 'slipway.d.ts', '--', '--locked'],
]);

function run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): void {
  const options = { cwd: folder, env: { ...process.env, ...env }, stdio: 'inherit' } as const;
  execFileSync(command, args, options);
}
