// The engine: names of jobs and who does them.
//
// - `register(type, handler)`: once a name, when the daemon is put together
// - `run(type, input)`: does it → what the handler returns
// - `running()`: the jobs at work, the oldest first
// - `names()`: what can be asked for
//
// The engine knows nothing of containers or HTTP: whoever can be asked for something registers a
// job, and whoever wants something runs one. Each job is told to the log when it starts and when
// it ends.

import { diskRefusal } from './disk-fault.ts';
import { Refusal } from './refusal.ts';
import type { Handler, Job, JobInput, JobRecord, JobType } from './job.ts';

export interface EngineOptions {
  /** Gets each record twice: without and with its `ended`. */
  readonly log: (record: JobRecord) => void;
  readonly now?: () => number;
}

type Work = (job: Job<unknown>) => Promise<unknown>;

export class Engine {
  readonly #handlers = new Map<string, Work>();
  readonly #running = new Map<number, JobRecord>();
  readonly #log: EngineOptions['log'];
  readonly #now: () => number;
  #lastId = 0;

  constructor({ log, now = Date.now }: EngineOptions) {
    this.#log = log;
    this.#now = now;
  }

  /** @throws Error if the name is taken: two parts of the daemon claim the same work */
  register<Env, Result>(type: JobType<Env, Result>, handler: Handler<Env, Result>): void {
    if (this.#handlers.has(type.name)) throw new Error(`job ${type.name} is registered twice`);
    // Only `run` calls it, with an environment of the same type.
    const work = async (job: Job<unknown>): Promise<unknown> => handler(job as Job<Env>);
    this.#handlers.set(type.name, work);
  }

  names(): readonly string[] {
    return [...this.#handlers.keys()].toSorted();
  }

  /** How many were begun so far. */
  get begun(): number {
    return this.#lastId;
  }

  running(): readonly JobRecord[] {
    return [...this.#running.values()];
  }

  /** @throws what the handler throws; Refusal for what a disk refuses; Error if nobody does it */
  async run<Env, Result>(type: JobType<Env, Result>, input: JobInput<Env>): Promise<Result> {
    const work = this.#handlers.get(type.name);
    if (work === undefined) throw new Error(`nobody does the job ${type.name}`);
    this.#lastId += 1;
    const { args = [], signal = new AbortController().signal } = input;
    const job: Job<Env> = {
      id: this.#lastId,
      name: type.name,
      args,
      env: input.env,
      stdin: input.stdin,
      stdout: input.stdout,
      stderr: input.stderr,
      signal,
    };
    const record: JobRecord = { id: job.id, name: job.name, args, startedMs: this.#now() };
    this.#running.set(job.id, record);
    this.#log(record);
    try {
      // What `register` put there returns what its type says.
      const result = (await work(job)) as Result;
      this.#end(record);
      return result;
    } catch (error) {
      const told = error instanceof Refusal ? error : (diskRefusal(error) ?? error);
      this.#end(record, told);
      throw told;
    }
  }

  #end(record: JobRecord, error?: unknown): void {
    this.#running.delete(record.id);
    const tookMs = this.#now() - record.startedMs;
    const failure =
      error === undefined
        ? { status: 0 as const }
        : {
            status: 1 as const,
            error: error instanceof Error ? error.message : JSON.stringify(error),
          };
    this.#log({ ...record, ended: { ...failure, tookMs } });
  }
}
