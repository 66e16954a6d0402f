/**
 * The bench: containers by the least program that can start one, by Slipway, and by unshare(1),
 * side by side in one run.
 *
 *   npm run bench [-- --rounds N] [--only WORD]
 *
 * What is compared with what stands in scenarios.ts; how, in measure.ts. Compare ratios: the
 * milliseconds are those of the machine that the last line names.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { buildFloor } from './build.ts';
import { startContestant } from './contestant.ts';
import { describeMachine } from './measure/machine.ts';
import { measure } from './measure/measure.ts';
import { scenarios, type Scenario } from './scenarios.ts';
import { summarize } from './measure/statistics.ts';
import { renderTable, type Result } from './measure/table.ts';

const values = readOptions();
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error(`bench: --rounds ${values.rounds}: how many? a whole number from 1`);
  process.exit(2);
}
if (process.geteuid?.() !== 0) {
  console.error('bench: namespaces other than user need root: sudo npm run bench');
  process.exit(1);
}

const unshare = ['/usr/bin/unshare', '/bin/unshare'].find(path => existsSync(path));
const chosen = scenarios({ ...buildFloor(), unshare }).filter(scenario =>
  scenario.title.includes(values.only),
);
if (chosen.length === 0) {
  console.error(`bench: nothing that is measured has "${values.only}" in its title`);
  process.exit(2);
}
const results: Result[] = [];
for (const scenario of chosen) {
  console.error(`… ${scenario.title}`);
  results.push(await run(scenario));
}
console.log('From the request for a container to its known end: clone3, execve of a static');
console.log(`\`true\`, wait. ${rounds} rounds each, in turn.\n`);
for (const line of renderTable(results)) console.log(line);
if (unshare !== undefined && 'the engine'.includes(values.only)) {
  const verbs = `${import.meta.dirname}/engine/verbs/run.ts`;
  spawnSync(unshare, ['--net', process.execPath, verbs], { stdio: 'inherit' });
}
console.log(`\n${describeMachine()}`);

function readOptions(): { readonly rounds: string; readonly only: string } {
  const text = (value: string) => ({ type: 'string', default: value }) as const;
  try {
    return parseArgs({ options: { rounds: text('200'), only: text('') } }).values;
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
    console.error('usage: npm run bench [-- --rounds N] [--only WORD]');
    process.exit(2);
  }
}

async function run(scenario: Scenario): Promise<Result> {
  const contestants = scenario.contestants.map(({ argv }) => startContestant(argv));
  const times = await measure(contestants, rounds);
  await Promise.all(contestants.map(contestant => contestant.end()));
  return {
    title: scenario.title,
    rows: scenario.contestants.map(({ name }, index) => ({
      name,
      summary: summarize(times[index] ?? []),
    })),
  };
}
