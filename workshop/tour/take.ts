/**
 * The tour: every chapter that exists, one after the other, and then where to go on.
 *
 * - takeTour(tree, visit, print)   the exit status: 1 when a chapter did not go as expected
 *
 * `visit` runs a chapter's experiments and says whether they went well. After one that did not, the
 * tour goes on: what is missing for one mechanism may be there for the next.
 */
import { globSync } from 'node:fs';
import chalk from 'chalk';

export type Visit = (chapter: string) => boolean;

export function takeTour(tree: string, visit: Visit, print: (text: string) => void): 0 | 1 {
  print(greeting());
  const chapters = chaptersOf(tree);
  const unwell: string[] = [];
  for (const chapter of chapters) {
    print(chalk.bold(`\n=== ${chapter}   (again: npx tsx ${chapter}/run.ts)\n`));
    if (!visit(chapter)) unwell.push(chapter);
  }
  print(farewell(chapters, unwell));
  return chapters.length > 0 && unwell.length === 0 ? 0 : 1;
}

/** In reading order, which is the order of their numbers. */
function chaptersOf(tree: string): readonly string[] {
  return globSync('chapters/*/run.ts', { cwd: tree })
    .map(file => file.replace(/\/run\.ts$/, ''))
    .toSorted();
}

function greeting(): string {
  return `
${chalk.bold('Slipway')}: build your own Docker, one runnable step after another.

There is no "container" in the kernel. There is a process that made a short list of system calls
before it became the program that you asked for. What follows is that list, run for real on this
machine, mechanism by mechanism; every experiment says what it expects, shows what it saw, and
undoes what it did.
`;
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
    '',
    'look at this machine: npm run doctor      undo what was left: npm run clean',
  ].join('\n');
}
