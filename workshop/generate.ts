/**
 * `npm run generate`: what is made from something else in the tree, made anew.
 *
 *     npm run generate               writes what is not as its source says
 *     npm run generate -- --force    also over an exercise in which somebody has worked
 *
 * What there is to make stands in generated/; that all of it is fresh is one of `npm run check`.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pending } from './generated/pending.ts';
import { root } from './setup/tools.mjs';

function main(argv: readonly string[]): number {
  const force = argv.includes('--force');
  let refused = 0;
  for (const { file, text, byHand } of pending(root)) {
    if (byHand && !force) {
      refused++;
      process.stdout.write(`${file} was changed by hand: --force writes over it\n`);
    } else if (text === undefined) {
      rmSync(join(root, file));
      process.stdout.write(`${file} removed: nothing makes it any more\n`);
    } else {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), text);
      process.stdout.write(`${file} written\n`);
    }
  }
  return refused === 0 ? 0 : 1;
}

process.exitCode = main(process.argv.slice(2));
