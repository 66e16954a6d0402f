// The handshake with slipway-init, from its birth to its `execve`, whoever gave birth to it.
//
// - `follow(child, request)`: resolves at `execve`; rejects when a step was refused
// - `Starting`: what it needs of a child meanwhile
//
// The protocol is drawn in `wire/src/lib.rs`. Invariant: every descriptor that came with a report
// is the child's or closed, whatever fails.

import {
  call,
  listen,
  native,
  receive,
  whenEnded,
  whenReadable,
  type Message,
} from '../binding.ts';
import type { Step } from '../program/program.ts';
import { SyscallError, type Reason } from '../syscall-error.ts';
import type { ExitStatus, StepTiming } from './child.ts';

/** A child between its birth and its `execve`. */
export interface Starting {
  readonly channel: number;
  /** It has left the program to its own child, whose pidfd this is. */
  becomeForked(pidfd: number): void | Promise<void>;
  takeTerminal(descriptor: number): void;
  /** Looked at when somebody asks for them. */
  takeTimings(timings: () => readonly StepTiming[]): void;
  /** Nothing more is heard from slipway-init. */
  closeChannel(): void;
  /** How it ended, once it has. */
  wait(): Promise<ExitStatus | { readonly status: ExitStatus }>;
}

/** What of a request matters on the way. */
interface Followed<C> {
  readonly program: readonly Step[];
  readonly onBarrier?: (name: string, child: C) => void | Promise<void>;
}

/** What slipway-init says; the wire's `Report`. */
type Report =
  | { readonly type: 'barrier'; readonly step: number; readonly name: string }
  | { readonly type: 'forked' | 'terminal'; readonly step: number }
  | { readonly type: 'executing'; readonly timingsNs: readonly number[] }
  | {
      readonly type: 'failed';
      readonly step: number;
      readonly syscall: string;
      readonly args: string;
      readonly errno: number;
      readonly reason?: Reason;
    };

/** How the one report begins that every start has. It is parsed only for who wants the timings. */
const announcement = '{"type":"executing",';

/** So many reports may lie in the channel unread; many more would fill it, and init would wait. */
const mostUnread = 32;

/**
 * Follows the child's reports until it has executed its application.
 *
 * Only a barrier wants an answer. Behind the last one nothing but the end of the channel wakes us:
 * the reports lie there until then, and a start costs one turn of the event loop, or none for a
 * caller that `sleeps`: in `clone3` until just now, and a moment longer.
 */
export async function follow<C extends Starting>(
  child: C,
  request: Followed<C>,
  sleeps = false,
): Promise<void> {
  const heard = { executing: false, barriersLeft: countOf('barrier', request.program) };
  const isTalkative = request.program.filter(reports).length > mostUnread;
  for (;;) {
    const isQuiet = heard.barriersLeft === 0 && !isTalkative;
    let unheard = sleeps ? listen(child.channel, isQuiet) : [];
    if (unheard.length === 0) {
      await (isQuiet ? whenEnded : whenReadable)(child.channel);
      unheard = receive(child.channel);
    }
    try {
      for (let message = unheard.shift(); message !== undefined; message = unheard.shift()) {
        if (message.text === '') return await theEnd(heard.executing, child);
        const answered = hear(message, heard, child, request);
        if (answered !== undefined) await answered;
      }
    } finally {
      // A report that was refused may have others behind it, and they their descriptors.
      for (const { descriptor } of unheard) if (descriptor !== -1) native().close(descriptor);
    }
  }
}

/** The channel is closed: by `execve` if that was announced, else by the death of init. */
async function theEnd(executing: boolean, child: Starting): Promise<void> {
  if (executing) return;
  child.closeChannel();
  const end = await child.wait();
  const status = 'status' in end ? end.status : end;
  throw new Error(`slipway-init ended before its application began (${JSON.stringify(status)})`);
}

function hear<C extends Starting>(
  message: Message,
  heard: { executing: boolean; barriersLeft: number },
  child: C,
  request: Followed<C>,
): void | Promise<void> {
  if (message.text.startsWith(announcement)) {
    heard.executing = true;
    return child.takeTimings(() => timingsOf(request.program, message.text));
  }
  const report: Exclude<Report, { type: 'executing' }> = JSON.parse(message.text);
  switch (report.type) {
    case 'barrier':
      heard.barriersLeft -= 1;
      return meetBarrier(report, child, request);
    case 'forked':
      return child.becomeForked(message.descriptor);
    case 'terminal':
      return child.takeTerminal(message.descriptor);
    case 'failed': {
      const failedStep = request.program[report.step];
      throw new SyscallError({ ...report, ...(failedStep ? { failedStep } : {}) });
    }
  }
}

function timingsOf(program: readonly Step[], text: string): readonly StepTiming[] {
  const { timingsNs }: Extract<Report, { type: 'executing' }> = JSON.parse(text);
  return program
    .slice(0, timingsNs.length)
    .map((step, index) => ({ call: step.call, microseconds: (timingsNs[index] ?? 0) / 1000 }));
}

/** How many steps of a kind a program has. */
export function countOf(kind: Step['call'], program: readonly Step[]): number {
  return program.filter(step => step.call === kind).length;
}

function reports(step: Step): boolean {
  return step.call === 'barrier' || step.call === 'fork' || step.call === 'openTerminal';
}

async function meetBarrier<C extends Starting>(
  report: Extract<Report, { type: 'barrier' }>,
  child: C,
  request: Followed<C>,
): Promise<void> {
  if (request.onBarrier === undefined) {
    throw new Error(`step ${report.step}: nobody answers at the barrier ${report.name}`);
  }
  await request.onBarrier(report.name, child);
  try {
    call(() => native().go(child.channel));
  } catch (error) {
    // It was killed while it stood there; the end of its channel says so better than we could.
    if (!(error instanceof SyscallError && error.code === 'EPIPE')) throw error;
  }
}
