/**
 * `npm start`: every chapter that exists runs its documented experiments, one after the other.
 *
 * - chaptersOf(root)   the folders with a run.ts, in reading order
 *
 * A chapter runs in a process of its own, as when a reader starts its run.ts. Exit status 1 when an
 * experiment of any chapter failed; the tour goes on all the same, and says so at the end.
 */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import chalk from 'chalk';
import { root } from './setup/tools.mjs';

const print = (text: string): boolean => process.stdout.write(`${text}\n`);

function chaptersOf(tree: string): readonly string[] {
  return globSync('chapters/*/run.ts', { cwd: tree })
    .map(file => file.replace(/\/run\.ts$/, ''))
    .toSorted();
}

const greeting = `
${chalk.bold('Slipway')}: build your own Docker, one runnable step after another.

There is no "container" in the kernel. There is a process that made a short list of system calls
before it became the program that you asked for. What follows is that list, run for real on this
machine, mechanism by mechanism; every experiment says what it expects, shows what it saw, and
undoes what it did.
`;

function visit(chapter: string): boolean {
  print(chalk.bold(`\n=== ${chapter}   (again: npx tsx ${chapter}/run.ts)\n`));
  const tsx = join(root, 'node_modules', '.bin', 'tsx');
  const { status } = spawnSync(tsx, ['run.ts'], { cwd: join(root, chapter), stdio: 'inherit' });
  return status === 0;
}

function farewell(chapters: readonly string[], unwell: readonly string[]): string {
  const [first = 'chapters/01-namespaces'] = chapters;
  const failed = unwell.map(chapter =>
    chalk.red(`${chapter} did not go as expected: \`npm run doctor\` looks at this machine.`),
  );
  return [
    '',
    ...failed,
    `That was the tour. ${chalk.bold('Now build it yourself:')}`,
    `  1. read     ${first}/README.md`,
    `  2. fill     ${first}/exercise/`,
    `  3. check    cd ${first} && SUBJECT=exercise/run.ts npm test`,
    `  look at this machine: npm run doctor      undo what was left: npm run clean`,
  ].join('\n');
}

print(greeting);
const chapters = chaptersOf(root);
const unwell = chapters.filter(chapter => !visit(chapter));
print(farewell(chapters, unwell));
process.exitCode = chapters.length > 0 && unwell.length === 0 ? 0 : 1;
