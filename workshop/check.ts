/**
 * `npm run check`: everything that can be said about the tree without running it.
 *
 *     npm run check              all checks, one line each
 *     npm run check -- lint      only those whose name starts so
 *
 * The checks stand in checks/, one a file or family, and the order below is the order of cost: what
 * is quick fails first. Exit status 1 when any of them has a finding.
 */
import type { Check } from './checks/check.ts';
import { dead } from './checks/dead.ts';
import { directions } from './checks/directions.ts';
import { generated } from './checks/generated.ts';
import { licences } from './checks/licences.ts';
import { links } from './checks/links.ts';
import { headers, names, sizes } from './checks/style.ts';
import { format, lint, rustFormat, rustLint, types } from './checks/tools.ts';
import { root } from './setup/tools.mjs';

const checks: readonly Check[] = [
  names,
  headers,
  sizes,
  links,
  directions,
  dead,
  generated,
  format,
  rustFormat,
  types,
  lint,
  licences,
  rustLint,
];

function report(check: Check): boolean {
  const started = Date.now();
  const findings = check.run(root);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  const good = findings.length === 0;
  const facts = good ? `${seconds} s` : `${findings.length} finding(s) -> ${check.todo}`;
  process.stdout.write(`${good ? 'ok  ' : 'FAIL'}  ${check.name.padEnd(10)}  ${facts}\n`);
  for (const finding of findings) process.stdout.write(`        ${finding}\n`);
  return good;
}

const wanted = process.argv.slice(2);
const chosen = checks.filter(
  check => wanted.length === 0 || wanted.some(name => check.name.startsWith(name)),
);
if (chosen.length === 0) process.stdout.write(`no such check: ${wanted.join(' ')}\n`);
// Every check runs, also after a failure: a person wants the whole list at once.
const results = chosen.map(report);
process.exitCode = results.length > 0 && results.every(Boolean) ? 0 : 1;
