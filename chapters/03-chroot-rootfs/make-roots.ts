// The two commands that make a root to start from.
//
// - `packRoot(command, argv)`: `pack FOLDER PROGRAM…`, with `--tree FOLDER` for more
// - `makeBusyboxRoot(command, argv)`: `busybox FOLDER` or `busybox FILE.tar`
//
// Both return the exit status and say in one line what is there now.

import { UsageError } from '@slipway/namespaces';
import type { Command } from 'commander';
import { busyboxTree } from './root/busybox-rootfs.ts';
import { packPrograms } from './packing/pack.ts';
import { writeTar, writeTree } from './files/tree.ts';

/** Packs programs into a folder and lists what is there. */
export function packRoot(command: Command, argv: readonly string[]): number {
  const collect = (tree: string, before: readonly string[]): readonly string[] => [
    ...before,
    tree,
  ];
  command
    .argument('<folder>')
    .argument('[program...]')
    .option('--tree <folder>', 'a folder to pack whole; may be repeated', collect, []);
  const parsed = command.passThroughOptions(false).parse(argv, { from: 'user' });
  const [folder = '', ...programs] = parsed.args;
  const { tree } = parsed.opts<{ tree: readonly string[] }>();
  if (programs.length === 0 && tree.length === 0) {
    throw new UsageError(`nothing to pack: write pack ${folder} bash ls`);
  }
  const packed = packPrograms(programs, folder, tree);
  process.stdout.write(packed.map(path => `${path}\n`).join(''));
  return 0;
}

/** Makes the busybox root as a folder, or as an archive if the name ends in .tar. */
export async function makeBusyboxRoot(
  command: Command,
  argv: readonly string[],
): Promise<number> {
  const parsed = command.argument('<folder|file.tar>').parse(argv, { from: 'user' });
  const [target = ''] = parsed.args;
  const tree = busyboxTree();
  if (target.endsWith('.tar')) await writeTar(tree, target);
  else writeTree(tree, target);
  process.stdout.write(`${target}: ${tree.length} entries\n`);
  return 0;
}
