/**
 * What the workshop stands on: the kernel, Node, the tools, the file systems, our own build.
 *
 * - machineRows(attempt, asked)   one row each
 *
 * `asked` is the lab's probe, the same that experiments and tests ask: what is ok here runs there.
 */
import { existsSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import type { Probe } from '@slipway/lab/requires.ts';
import { findTool, root } from '../setup/tools.mjs';
import type { Attempt } from './attempt.ts';
import { must, type Row, should } from './row.ts';

export function machineRows(attempt: Attempt, asked: Probe): readonly Row[] {
  return [
    must('kernel', `${process.platform} ${release()} ${process.arch}`, kernelReason()),
    should('Linux 5.12', 'or later', oldKernelReason(asked)),
    must('node', `${process.version}, from node_modules`, nodeReason()),
    must('addon', 'native/dist/slipway.node loads', addonReason(attempt)),
    must('slipway-init', 'native/dist/slipway-init is built', initReason()),
    must('busybox', findTool('busybox') ?? '', asked.unmet('tool:busybox')),
    should('root', 'this is root', asked.unmet('root')),
    should('overlay', 'can be mounted', asked.unmet('overlay')),
    should('nftables', 'a table can be made', asked.unmet('nftables')),
    should('loop devices', 'offered', asked.unmet('loop')),
    ...['ip', 'unshare', 'nsenter', 'lsns', 'ps'].map(tool =>
      should(`tool ${tool}`, findTool(tool) ?? '', asked.unmet(`tool:${tool}`)),
    ),
  ];
}

function kernelReason(): string | undefined {
  return process.platform === 'linux' ? undefined : 'not Linux: vagrant up && vagrant ssh';
}

function oldKernelReason(asked: Probe): string | undefined {
  const reason = asked.unmet('kernel>=5.12');
  return reason && `${reason}: the chapters' containers do not start, what is done by hand works`;
}

function nodeReason(): string | undefined {
  const major = Number(process.versions.node.split('.')[0]);
  return major >= 24 ? undefined : `${process.version}, wanted 24: npm run setup`;
}

const built = (name: string): string => join(root, 'native', 'dist', name);

/** Loaded in another process: a broken addon would take this one down. */
function addonReason(attempt: Attempt): string | undefined {
  if (!existsSync(built('slipway.node'))) return 'not built: npm run build';
  const load = `require(${JSON.stringify(built('slipway.node'))})`;
  const failure = attempt([process.execPath, '-e', load]);
  return failure === undefined ? undefined : `does not load (${failure}): npm run build`;
}

function initReason(): string | undefined {
  return existsSync(built('slipway-init')) ? undefined : 'not built: npm run build';
}
