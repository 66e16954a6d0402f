/**
 * A command as the reader can type it, run literally with bash.
 *
 * - typedCommand(pieces, values)    the text: values are quoted only where bash needs it
 * - runShell(text, ended)           runs exactly this text, from the current folder
 *
 * The text printed and the text run are one and the same string: no options are set before it
 * (zx would add `set -euo pipefail`), no input is given, a non-zero status is an answer and not an
 * error.
 */
import { constants } from 'node:os';
import { $ } from 'zx/core';
import { quoteForShell } from './layout.ts';

export type Typed = string | number | readonly (string | number)[];

export interface ShellResult {
  readonly stdout: string;
  readonly stderr: string;
  /** Both, as they came. */
  readonly output: string;
  /** 128 + n after signal n, as bash reports it. */
  readonly exitCode: number;
}

export function typedCommand(pieces: readonly string[], values: readonly Typed[]): string {
  // Values may hold line breaks of their own; only what stands in the source has a margin.
  const written = withoutMargin(pieces.join('\0').trim()).split('\0');
  return written
    .map((piece, at) => {
      const value = values[at];
      return value === undefined ? piece : piece + quoted(value);
    })
    .join('');
}

/** The further lines stand as deep as the source around them; that is not the command's doing. */
function withoutMargin(text: string): string {
  const [first = '', ...further] = text.split('\n');
  const depths = further.filter(line => line.trim() !== '').map(line => line.search(/\S/));
  const margin = Math.min(...depths);
  return [first, ...further.map(line => line.slice(margin))].join('\n');
}

function quoted(value: Typed): string {
  const words = typeof value === 'object' ? value : [value];
  return words.map(word => quoteForShell(String(word))).join(' ');
}

/** When `ended` is aborted, the command and all that it started are killed. */
export async function runShell(text: string, ended: AbortSignal): Promise<ShellResult> {
  const bash = $({
    env: process.env,
    nothrow: true,
    prefix: '',
    postfix: '',
    quiet: true,
    quote: (piece: string) => piece,
    shell: 'bash',
    signal: ended,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { stdout, stderr, stdall, exitCode, signal } = await bash`${text}`;
  const status = signal === null ? (exitCode ?? 0) : 128 + signalNumber(signal);
  return { stdout, stderr, output: stdall, exitCode: status };
}

function signalNumber(signal: NodeJS.Signals): number {
  return constants.signals[signal];
}
