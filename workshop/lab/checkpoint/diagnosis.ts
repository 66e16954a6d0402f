// A checkpoint: one sentence about behaviour, judged by the kernel's state.
//
// - `Checkpoint {id, sentence, needs, examine}`
// - `Diagnosis`: what `examine` throws: not "expected 1, got 2" but which mistake this looks like
// - `diagnose(id, text)`, `unless(holds, id, text)`
//
// A checkpoint that fails without a diagnosis of its own has met a mistake that nobody foresaw;
// it then says what it saw.

import type { Requirement } from '../requires.ts';
import { NeverStarted, type Subject } from './subject.ts';

export interface Checkpoint {
  readonly id: string;
  readonly sentence: string;
  readonly needs: readonly Requirement[];
  /** Judges the subject. @throws Diagnosis */
  examine(subject: Subject): Promise<void>;
}

/** A recognised mistake. The first line says what is wrong; then why, and where to look. */
class Diagnosis extends Error {
  override readonly name = 'Diagnosis';
  readonly #id: string;

  constructor(id: string, text: string) {
    super(text);
    this.#id = id;
    // The reader is told about the program under examination, not about this one.
    this.stack = `${this.name}: ${text}`;
  }

  /** Which mistake, for the tests of the tests. */
  get id(): string {
    return this.#id;
  }
}

/** @throws Diagnosis always */
export function diagnose(id: string, text: string): never {
  throw new Diagnosis(id, text);
}

/** @throws Diagnosis unless `holds` */
export function unless(holds: boolean, id: string, text: string): asserts holds {
  if (!holds) throw new Diagnosis(id, text);
}

/** A program, right or wrong, that shows what the checkpoints are worth. */
export interface WrongAnswer {
  /** The mistake, as a sentence. */
  readonly mistake: string;
  /** The checkpoint that has to see it. */
  readonly checkpoint: string;
  /** The diagnosis that it has to give. */
  readonly diagnosis: string;
  /** Makes the wrong program; it is disposed of afterwards. */
  make(): Promise<Subject & AsyncDisposable>;
}

/** The diagnosis that `checkpoint` gives of `subject`; undefined if it passes. */
export async function diagnosisOf(
  checkpoint: Checkpoint,
  subject: Subject,
): Promise<Diagnosis | undefined> {
  try {
    await checkpoint.examine(subject);
    return undefined;
  } catch (error) {
    if (error instanceof Diagnosis) return error;
    if (error instanceof NeverStarted) return new Diagnosis('never-started', error.message);
    const message = error instanceof Error ? error.message : String(error);
    return new Diagnosis('unforeseen', message);
  }
}
