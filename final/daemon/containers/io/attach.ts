// A client at a container's streams: what it has said, what it says, and what is said to it.
//
// - `attachJob`: { reference, … } → the conversation, to be had on the connection
//
// Whoever attaches before the start is there at the first byte. The keeper writes the output to the
// client's connection itself; input comes through here, because of the keys to detach with.

import { setTimeout as sleep } from 'node:timers/promises';
import type { KeptChild, OutputStream, Sink } from '@slipway/native';
import type { Connection } from '../../../api/connection.ts';
import { jobType } from '../../../engine/job.ts';
import { conflict } from '../../../engine/refusal.ts';
import type { Containers } from '../core/containers.ts';
import type { Attached } from '../core/live.ts';
import { readLog } from '../logs/read.ts';
import type { ContainerRecord } from '../record/record.ts';
import { isAlive } from '../record/state.ts';
import { logFile } from '../run/launch.ts';
import { parseDetachKeys } from './detach-keys.ts';
import { pumpInput } from './input.ts';
import { openOutlet } from './outlet.ts';
import { Seat } from './seat.ts';

/** An end is told after its last byte was read. */
const endMs = 3000;

export interface AttachRequest {
  readonly reference: string;
  readonly stream: boolean;
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly logs: boolean;
  readonly detachKeys: string | undefined;
  /** Both outputs as one: not in frames, though there is no terminal. */
  readonly isBare?: boolean;
  /** Aborted when the client is gone. */
  readonly signal: AbortSignal;
}

export interface Conversation {
  readonly hasTerminal: boolean;
  readonly converse: (connection: Connection) => Promise<void>;
}

export const attachJob = jobType<AttachRequest, Conversation>('attach');

export function attach(containers: Containers, request: AttachRequest): Conversation {
  const record = containers.find(request.reference);
  const detachKeys = parseDetachKeys(request.detachKeys);
  if (record.state.status === 'paused') {
    throw conflict(`container ${record.id} is paused, unpause the container before attach`);
  }
  if (record.state.status === 'restarting') {
    throw conflict(
      `container ${record.id} is restarting, wait until the container is running before attach`,
    );
  }
  const client = new AttachedClient(containers, record, request, detachKeys);
  return {
    hasTerminal: record.config.Tty,
    converse: connection => client.converse(connection),
  };
}

class AttachedClient {
  readonly #containers: Containers;
  readonly #record: ContainerRecord;
  readonly #request: AttachRequest;
  readonly #detachKeys: readonly number[];
  /** Kept for a client that is there before the container runs. */
  readonly #seat: Seat | undefined;

  constructor(
    containers: Containers,
    record: ContainerRecord,
    request: AttachRequest,
    detachKeys: readonly number[],
  ) {
    this.#containers = containers;
    this.#record = record;
    this.#request = request;
    this.#detachKeys = detachKeys;
    const isThere = isAlive(record.state) && containers.live(record.id).running !== undefined;
    const wantsOutput = request.stream && (request.stdout || request.stderr);
    if (wantsOutput && !isThere) this.#seat = new Seat(containers.live(record.id), request.signal);
  }

  async converse(connection: Connection): Promise<void> {
    const { logs, stream } = this.#request;
    connection.signal.addEventListener('abort', () => this.#seat?.leave());
    if (logs) await this.#replay(connection);
    this.#containers.tell(this.#containers.store.get(this.#record.id) ?? this.#record, 'attach');
    if (!stream) return;
    const { stdout, stderr } = this.#request;
    if (stdout || stderr) await this.#withOutput(connection);
    else await this.#withoutOutput(connection);
  }

  /** What was logged so far. */
  async #replay({ output, signal }: Connection): Promise<void> {
    const { id, config } = this.#record;
    const { stdout, stderr, isBare } = this.#request;
    const place = { folder: this.#containers.folderOf(id), file: logFile(id) };
    const how = { timestamps: false, details: false, framed: !config.Tty && isBare !== true };
    for await (const piece of readLog(place, { stdout, stderr, ...how })) {
      if (signal.aborted) return;
      await new Promise<void>(resolve => output.write(piece, () => resolve()));
    }
  }

  async #withOutput(connection: Connection): Promise<void> {
    const { config } = this.#record;
    const { stdout, stderr, isBare } = this.#request;
    using outlet = openOutlet(connection);
    const streams: OutputStream[] = [];
    if (stdout || config.Tty) streams.push('stdout');
    if (stderr && !config.Tty) streams.push('stderr');
    const { descriptor } = outlet;
    const isFramed = !config.Tty && isBare !== true;
    const sink: Sink = { descriptor, streams, isFramed, atEnd: 'close' };
    const attached = await this.#attach(sink, connection.signal);
    if (attached === undefined) return;
    const leave = (): void => attached.sink.detach();
    connection.signal.addEventListener('abort', leave);
    void this.#input(connection, attached.child).then(end => end === 'detached' && leave());
    await attached.sink.ended;
    connection.signal.removeEventListener('abort', leave);
    await outlet.flushed();
  }

  async #withoutOutput(connection: Connection): Promise<void> {
    const live = this.#containers.live(this.#record.id);
    if (live.running === undefined) await live.starts.next(connection.signal);
    const child = live.running?.main;
    if (child === undefined) return;
    await Promise.race([child.wait(), this.#input(connection, child)]);
  }

  async #input(connection: Connection, child: KeptChild): Promise<'ended' | 'detached'> {
    const { OpenStdin, StdinOnce, Tty } = this.#record.config;
    if (!this.#request.stdin || !OpenStdin) return 'ended';
    const how = {
      detachKeys: Tty ? this.#detachKeys : undefined,
      closes: StdinOnce && !Tty,
    };
    const end = await pumpInput(connection.input, child, how);
    const record = this.#containers.store.get(this.#record.id);
    if (end === 'detached' && record !== undefined) this.#containers.tell(record, 'detach');
    return end;
  }

  /** Now, or when the container is started; undefined if it never is, or the client goes. */
  async #attach(sink: Sink, signal: AbortSignal): Promise<Attached | undefined> {
    const live = this.#containers.live(this.#record.id);
    const seat = this.#seat;
    if (seat === undefined) {
      const child = live.running?.main;
      return child && attachedTo(child, sink);
    }
    seat.take(sink);
    const leave = (): void => seat.leave();
    signal.addEventListener('abort', leave);
    const attached = await seat.attached;
    signal.removeEventListener('abort', leave);
    return attached;
  }
}

/** Undefined if it has just ended: its client hears no more of it than of any end. */
async function attachedTo(child: KeptChild, sink: Sink): Promise<Attached | undefined> {
  try {
    return { sink: await child.attach(sink), child };
  } catch (error) {
    const isOver = await Promise.race([child.wait().then(() => true), sleep(endMs, false)]);
    if (isOver) return undefined;
    throw error;
  }
}
