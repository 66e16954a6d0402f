/**
 * What the body of an experiment works with.
 *
 * - Lab                 say, shell, show, expect, scratch, hold, notRun
 * - NotRun              what notRun() throws
 * - openLab(report)     a Lab, what it has checked so far, and its disposal
 *
 * Invariant: what is held is released in reverse order when the experiment ends, however it ends.
 */
import { scratchFolder } from '../scratch.ts';
import type { Check, Report, Shown } from './report.ts';
import { runShell, typedCommand, type ShellResult, type Typed } from './shell.ts';

export interface Lab {
  /** A paragraph of narration. It is wrapped; a line break in it stays. */
  say(text: string): void;
  /** Prints `$ command` as the reader can type it, runs it with bash, prints what it printed. */
  shell(pieces: TemplateStringsArray, ...values: Typed[]): Promise<ShellResult>;
  /** Prints observed facts: lines, labels with values, or a table. */
  show(facts: Shown): void;
  /** One claim, put to the test. One that does not hold fails the experiment. */
  expect(check: Check): void;
  /** The path of a new temporary folder, removed at the end. */
  scratch(): Promise<string>;
  /** Hands the resource back, and releases it at the end of the experiment. */
  hold<T extends Disposable | AsyncDisposable>(resource: T): T;
  /** Ends the experiment: only while it ran did it turn out what is missing here. */
  notRun(reason: string): never;
}

export class NotRun extends Error {
  override readonly name = 'NotRun';
}

export interface OpenLab extends AsyncDisposable {
  readonly lab: Lab;
  readonly checks: readonly Check[];
}

export function openLab(report: Report): OpenLab {
  const held = new AsyncDisposableStack();
  const checks: Check[] = [];
  const ended = new AbortController();
  const running = new Set<Promise<unknown>>();
  const lab: Lab = {
    say: text => report.paragraph(text),
    shell: async (pieces, ...values) => {
      const text = typedCommand(pieces, values);
      report.command(text);
      const command = runShell(text, ended.signal);
      running.add(command);
      const result = await command;
      running.delete(command);
      report.output(result.output, result.exitCode);
      return result;
    },
    show: facts => report.shown(facts),
    expect: check => {
      checks.push(check);
      report.checked(check);
    },
    scratch: () => Promise.resolve(held.use(scratchFolder()).path),
    hold: resource => {
      held.use(resource);
      return resource;
    },
    notRun: reason => {
      throw new NotRun(reason);
    },
  };
  const close = async (): Promise<void> => {
    // After Ctrl-C a command may still run, in a folder that is about to be removed.
    ended.abort();
    await Promise.allSettled(running);
    await held.disposeAsync();
  };
  return { lab, checks, [Symbol.asyncDispose]: close };
}
