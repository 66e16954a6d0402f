/**
 * What a guest says while it runs: its console, and the output of its command.
 *
 * - new GuestVoice(folder, listener)   begins to count the guest's age
 * - voice.listen()                     reads what is new; passes the command's output on
 * - voice.upAfterMs, ageMs, console    when `up` was heard; the guest's age; its console so far
 *
 * Both are files that QEMU or the guest writes (console.log, exchange/output), read again and
 * again, so nothing is lost when the guest's end and its last words come together.
 */
import { join } from 'node:path';
import { Tail } from './tail.ts';

export interface Listener {
  /** What on the console says that the guest is up. */
  readonly up: string;
  readonly output?: (text: string) => void;
}

export class GuestVoice {
  readonly #listener: Listener;
  readonly #console: Tail;
  readonly #output: Tail;
  readonly #started = performance.now();
  #upAfterMs: number | undefined;

  constructor(folder: string, listener: Listener) {
    this.#listener = listener;
    this.#console = new Tail(join(folder, 'console.log'));
    this.#output = new Tail(join(folder, 'exchange/output'));
  }

  get upAfterMs(): number | undefined {
    return this.#upAfterMs;
  }

  get ageMs(): number {
    return performance.now() - this.#started;
  }

  get console(): string {
    return this.#console.text;
  }

  listen(): void {
    this.#console.read();
    if (this.console.includes(this.#listener.up)) this.#upAfterMs ??= this.ageMs;
    const news = this.#output.read();
    if (news !== '') this.#listener.output?.(news);
  }
}
