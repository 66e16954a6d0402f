/**
 * `npm run generate`: writes what is made from something else, and removes what nothing makes.
 *
 * Today these are the exercises: a chapter's own modules with the holes left for the learner. Who has
 * worked in an exercise and wants to keep that should copy the folder first: it is written anew.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generated, generatedFiles, leftOver } from './checks/generated.ts';
import { root } from './setup/tools.mjs';

const made = generatedFiles(root);
const stale = generated.run(root).length;
for (const [file, text] of made) {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}
for (const file of leftOver(root, made)) rmSync(join(root, file));
process.stdout.write(`${made.size} files are made, ${stale} were not fresh\n`);
