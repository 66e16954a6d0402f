// `docker top`: the host's `ps`, of a container's processes alone.
//
// - `topJob`: { reference, args } → { Titles, Processes }
//
// The arguments are the caller's and go to `ps` as they are, without a shell; which processes he
// sees is decided here, by the column of their PID.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { jobType } from '../../../engine/job.ts';
import { conflict, invalid } from '../../../engine/refusal.ts';
import type { Containers } from '../core/containers.ts';
import { runningOf } from '../verbs/pause.ts';

export interface TopRequest {
  readonly reference: string;
  /** Of `ps`; undefined: `-ef`. */
  readonly args: string | undefined;
}

export interface Top {
  readonly Processes: readonly (readonly string[])[];
  readonly Titles: readonly string[];
}

export const topJob = jobType<TopRequest, Top>('top');

const run = promisify(execFile);

export async function top(containers: Containers, request: TopRequest): Promise<Top> {
  const { id, state } = containers.find(request.reference);
  if (state.status === 'restarting') {
    throw conflict(`Container ${id} is restarting, wait until the container is running`);
  }
  refuseTitles(request.args ?? '');
  const pids = new Set(runningOf(containers, id).processes());
  const output = await ps((request.args || '-ef').split(/\s+/).filter(Boolean));
  const found = parsePs(output, pids);
  containers.tell(containers.get(id), 'top');
  return found;
}

/** Only the column that is called PID is looked for. */
function refuseTitles(args: string): void {
  for (const [, column = '', title = ''] of args.matchAll(/\s+([^\s]*)=\s*(PID[^\s]*)/g)) {
    if (column !== 'pid') throw invalid(`specifying "${column}=${title}" is not allowed`);
  }
}

async function ps(args: readonly string[]): Promise<string> {
  try {
    const options = { encoding: 'utf8', timeout: 10_000, maxBuffer: 64 << 20 } as const;
    return (await run('ps', [...args], options)).stdout;
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
    const [line = ''] = said.split('\n');
    throw invalid(`ps: ${line || String(error)}`, { cause: error });
  }
}

/** @throws INVALID `Couldn't find PID field in ps output` */
function parsePs(output: string, pids: ReadonlySet<number>): Top {
  const [head = '', ...lines] = output.split('\n');
  const titles = head.trim().split(/\s+/);
  const column = titles.indexOf('PID');
  if (column === -1) throw invalid("Couldn't find PID field in ps output");
  const rows = lines.flatMap(line => {
    const fields = line.trim().split(/\s+/);
    if (!pids.has(Number(fields[column]))) return [];
    const last = titles.length - 1;
    return [[...fields.slice(0, last), fields.slice(last).join(' ')]];
  });
  return { Processes: rows, Titles: titles };
}
