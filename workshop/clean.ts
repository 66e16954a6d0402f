/**
 * `npm run clean`: undoes what experiments and tests have left behind, also after `kill -9`.
 *
 *     npm run clean                 what processes that are gone have left behind
 *     npm run clean -- --dry-run    says what it would do, and does nothing
 *     npm run clean -- --all        also what running ones hold
 *
 * Everything that stands on the host for a while was written to the ledger first; this reads the
 * ledger backwards. Exit status 1 when something could not be undone: it stays in the ledger.
 */
import { ledgerPath, undoAll } from '@slipway/lab/ledger.ts';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: { 'dry-run': { type: 'boolean', default: false }, all: { type: 'boolean' } },
});
const print = (line: string): boolean => process.stdout.write(`${line}\n`);

const summary = await undoAll({
  dryRun: values['dry-run'],
  all: values.all ?? false,
  report: line => print(line),
});
const { undone, absent, kept, failures } = summary;
const word = values['dry-run'] ? 'would be undone' : 'undone';
print(`${undone} ${word}, ${absent} already gone, ${kept} kept, ${failures.length} failed`);
if (failures.length > 0) print(`what failed stays in ${ledgerPath()}: try \`sudo npm run clean\``);
process.exitCode = failures.length > 0 ? 1 : 0;
