/**
 * `npm run doctor`: what this machine can do, found out by trying, and what to do where it cannot.
 *
 *     ok|warn|MISS  name  fact -> what to do
 *
 * MISS is a must-have: without it chapter 01 does not run, and the exit status is 1. A warning
 * means that some experiments and tests will say NOT RUN. Nothing is changed on the machine.
 */
import { accessSync, constants } from 'node:fs';
import { probe } from '@slipway/lab/requires.ts';
import { hierarchies } from '@slipway/lab/requires/cgroups.ts';
import { attempt } from './doctor/attempt.ts';
import { controlGroupRows } from './doctor/control-groups.ts';
import { machineRows } from './doctor/machine.ts';
import { namespaceRows } from './doctor/namespaces.ts';
import { printed, verdict } from './doctor/row.ts';

function mayWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

const rows = [
  ...machineRows(attempt, probe()),
  ...namespaceRows(attempt, process.getuid?.() === 0),
  ...controlGroupRows(hierarchies(), mayWrite),
];
for (const row of rows) process.stdout.write(`${printed(row)}\n`);
process.exitCode = verdict(rows);
