/**
 * What a guided unit is: data here, and its prose beside it in en.md and zh.md.
 *
 * - Unit      what it needs, what is drawn, what is prepared, its tasks, what it puts back
 * - Task      looks at the machine; how it can be solved; what is surely wrong
 * - Seen      done, or the name of the hint that fits what was seen
 * - Scene     what a look may use: the drawn words, a folder, and notes that are kept
 *
 *     look ─▸ done                     the next task
 *          └▸ hint('outside', facts)   the section `### outside` below `## TASK` in the prose
 *
 * Invariants: a look watches effects and changes nothing on the machine. What is to vanish must
 * have been seen before: an earlier look wrote it into the notes. `{word}` in prose and in lines
 * to type is replaced by what was drawn, and a look's facts.
 */
import type { Requirement } from '@slipway/lab/requires.ts';
import type { Draw } from './draw.ts';

export type Words = Readonly<Record<string, string>>;

export interface Scene {
  /** What was drawn, and `place`, `tree` (the checkout). */
  readonly words: Words;
  /** A folder of this attempt; exists, is the learner's, and goes with the attempt. */
  readonly place: string;
  /** What earlier looks of this attempt have seen; kept in the progress file. */
  readonly notes: Record<string, string>;
}

export type Seen =
  | { readonly done: true }
  | { readonly done: false; readonly hint: string; readonly facts: Words };

export const done: Seen = { done: true };

export function hint(name: string, facts: Words = {}): Seen {
  return { done: false, hint: name, facts };
}

export interface Wrong {
  /** Typed into a root shell, line by line. */
  readonly type: readonly string[];
  /** The hint that a look must then give. */
  readonly sees: string;
  readonly undo?: readonly string[];
}

export interface Task {
  readonly id: string;
  readonly look: (scene: Scene) => Seen | Promise<Seen>;
  /** One way to do it: lines for a root shell. Shown on request, and typed by the tests. */
  readonly solve: readonly string[];
  readonly wrong?: readonly Wrong[];
}

export interface Unit {
  /** The folder below units/: `01-namespaces/two-processes`. */
  readonly id: string;
  readonly needs: readonly Requirement[];
  readonly draw: (draw: Draw) => Words;
  readonly init?: (scene: Scene) => void | Promise<void>;
  readonly tasks: readonly Task[];
  /** What stands outside of the folder, which is put away after it, with its mounts. */
  readonly restore: (scene: Scene) => void | Promise<void>;
}

/** Replaces `{word}`; what nobody drew stays as it is, for the shell has braces too. */
export function filled(text: string, words: Words): string {
  return text.replace(/\{([a-z][a-zA-Z0-9]*)\}/g, (whole, name: string) => words[name] ?? whole);
}
