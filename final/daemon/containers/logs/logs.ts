// `docker logs`: what a container has said, and what it says.
//
// - `logsJob`: { reference, … } → its pieces, ready to be sent; the job is done when they begin

import { jobType } from '../../../engine/job.ts';
import { invalid } from '../../../engine/refusal.ts';
import type { Moment } from '../../../api/moments.ts';
import type { Containers } from '../core/containers.ts';
import { isAlive } from '../record/state.ts';
import { logFile } from '../run/launch.ts';
import { readLog } from './read.ts';
import { keyOfMoment } from './lines/times.ts';

export interface LogsRequest {
  readonly reference: string;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly follow: boolean;
  readonly timestamps: boolean;
  readonly details: boolean;
  /** `all`, or a number. */
  readonly tail: string | undefined;
  readonly since: Moment | undefined;
  readonly until: Moment | undefined;
  readonly signal: AbortSignal;
}

export interface Logs {
  readonly hasTerminal: boolean;
  readonly pieces: AsyncIterable<Buffer>;
}

export const logsJob = jobType<LogsRequest, Logs>('logs');

export function logs(containers: Containers, request: LogsRequest): Logs {
  const { stdout, stderr, since, until, timestamps, details } = request;
  if (!stdout && !stderr) throw invalid('Bad parameters: you must choose at least one stream');
  const { id, config, hostConfig, state } = containers.find(request.reference);
  if (hostConfig.LogConfig.Type === 'none') {
    throw invalid('configured logging driver does not support reading');
  }
  const tail = tailOf(request.tail);
  const follows = request.follow && isAlive(state);
  const ended = follows ? containers.live(id).exits.next(request.signal) : undefined;
  const pieces = readLog(
    { folder: containers.folderOf(id), file: logFile(id) },
    {
      ...{ stdout, stderr, timestamps, details, framed: !config.Tty },
      ...(tail !== undefined && { tail }),
      ...(since !== undefined && { since: keyOfMoment(since) }),
      ...(until !== undefined && { until: keyOfMoment(until) }),
      ...(ended && { follow: { ended, signal: request.signal } }),
    },
  );
  return { hasTerminal: config.Tty, pieces };
}

/** What is no number means all, as in Docker; so does a negative one. */
function tailOf(written: string | undefined): number | undefined {
  return written !== undefined && /^\d{1,15}$/.test(written) ? Number(written) : undefined;
}
