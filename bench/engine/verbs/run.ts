/**
 * The engine's verbs, each figure beside its budget.
 *
 *   npx tsx bench/engine/verbs/run.ts [--rounds N] [--only WORD]
 *
 * `npm run bench -- --only engine` ends with these rows. Give it a network namespace of its own:
 * the engine makes a bridge.
 */
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { renderRows, type Row } from '../bytes/row.ts';
import { startEngine } from '../daemon.ts';
import { alone } from './alone.ts';
import { commands } from './commands.ts';
import { crowd } from './crowd.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '5' }, only: { type: 'string', default: '' } },
});
const settlingMs = 1000;

for (const group of [alone, crowd, commands].filter(({ title }) => title.includes(values.only))) {
  await using engine = await startEngine();
  await sleep(settlingMs);
  const idle: Row = {
    ...{ name: 'the daemon, idle (RSS)', unit: 'MB', budget: 90 },
    figures: [engine.residentBytes() / 1e6],
  };
  const rows = await group.run({ engine, place: '', rounds: Number(values.rounds) });
  console.log(`\n${group.title}`);
  for (const line of renderRows([...rows, idle])) console.log(line);
}
