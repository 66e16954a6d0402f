/**
 * Bytes through the engine's API, each figure beside its budget, GNU tar or a floor.
 *
 *   npx tsx bench/engine/bytes/run.ts [--rounds N] [--only WORD] [--folder DIR]
 *
 * Images, output streams, copies and memory; a bare socket is the client. `--folder` is the disk
 * that is measured. Give it a network namespace of its own: the engine makes a bridge.
 */
import { parseArgs } from 'node:util';
import { scratchFolder } from '@slipway/lab';
import { describeMachine } from '../../measure/machine.ts';
import { startEngine } from '../daemon.ts';
import { images } from './images.ts';
import { streams } from './streams.ts';
import { memory } from './memory.ts';
import { renderRows } from './row.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    only: { type: 'string', default: '' },
    folder: { type: 'string', default: '/var/tmp' },
  },
});
const groups = [images, streams, memory];

for (const group of groups.filter(({ title }) => title.includes(values.only))) {
  await using folder = scratchFolder(values.folder);
  await using engine = await startEngine(values.folder);
  const stage = { engine, place: folder.path, rounds: Number(values.rounds) };
  console.log(`\n${group.title}`);
  for (const line of renderRows(await group.run(stage))) console.log(line);
}
console.log(`\n${describeMachine()}`);
