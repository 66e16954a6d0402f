// The daemon's log: one JSON object a line on standard error.
//
// - `openLog(level)`           pino; `flush` before the process ends
// - `logJob(log)`              the engine's records: every job when it starts and when it ends
//
//     {"level":"info","time":"…","msg":"+job create","job":7,"args":["web"]}
//     {"level":"info","time":"…","msg":"-job create = OK","job":7,"ms":3}
//
// Lines are written beside the work, not in it, and some at a time: who does not read them does not
// stop the daemon, and no request waits while a thread is woken for each.

import { destination, type Logger, pino, stdTimeFunctions } from 'pino';
import type { JobRecord } from '../../engine/job.ts';

export interface Log {
  readonly logger: Logger;
  /** Comes back also if nobody reads it any more. */
  flush(): Promise<void>;
}

const mostUnwritten = 8 * 2 ** 20;
/** So many bytes are written at once, or what there is after so long a time. */
const [enough, patienceMs] = [8192, 20];
/** For a reader that is slow when the process ends. */
const flushPatienceMs = 1000;

export function openLog(level: string): Log {
  const out = destination({ dest: 2, sync: false, minLength: enough, maxLength: mostUnwritten });
  let writing: NodeJS.Timeout | undefined;
  const write = (line: string): void => {
    out.write(line);
    writing ??= setTimeout(() => {
      writing = undefined;
      out.flush();
    }, patienceMs).unref();
  };
  const options = {
    level,
    base: null,
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return {
    logger: pino(options, { write }),
    // Not `flushSync`: where nobody reads standard error any more that one tries for ever.
    flush: () =>
      new Promise(resolve => {
        setTimeout(resolve, flushPatienceMs);
        out.flush(() => resolve());
      }),
  };
}

/** What only looks is told at the level `debug`, what changes something at `info`. */
const looking = new Set(['ping', 'version', 'info', 'events', 'df', 'jobs']);

export function logJob(logger: Logger): (record: JobRecord) => void {
  return ({ id, name, args, ended }) => {
    const level = looking.has(name) ? 'debug' : 'info';
    const about = { job: id, ...(args.length > 0 ? { args } : {}) };
    if (ended === undefined) return logger[level](about, `+job ${name}`);
    const { status, tookMs, error } = ended;
    const end = { ...about, ms: tookMs, ...(error === undefined ? {} : { error }) };
    return logger[level](end, `-job ${name} = ${status === 0 ? 'OK' : 'ERR'}`);
  };
}
