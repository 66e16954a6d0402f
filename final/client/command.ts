// A command of the client: what it works with, and how its words are counted.
//
// - `Run`, `Context`
// - `parse(grammar, args, least, most)`   options and words; @throws Failure in docker's words
// - `grammar`, `collect`                  of grammar.ts

import { collect, grammar, type Grammar } from './grammar.ts';
import { Failure } from './failure.ts';
import type { Api } from './transport.ts';

export { collect, grammar, type Grammar };

export interface Context {
  readonly api: Api;
  readonly out: NodeJS.WriteStream;
  readonly err: NodeJS.WriteStream;
  readonly environment: NodeJS.ProcessEnv;
}

/** The exit status. */
export type Run = (args: readonly string[], context: Context) => Promise<number>;

export interface Parsed<Options> {
  readonly options: Options;
  readonly args: readonly string[];
}

export function parse<Options extends object>(
  command: Grammar,
  args: readonly string[],
  least = 0,
  most = Number.POSITIVE_INFINITY,
): Parsed<Options> {
  const { options, args: words } = command.read(args);
  // A command knows the options that its own grammar has.
  if (words.length >= least && words.length <= most) {
    return { options: options as Options, args: words };
  }
  throw miscounted(command, words.length, least, most);
}

function miscounted(command: Grammar, count: number, least: number, most: number): Failure {
  const { name } = command;
  const needs = (start: string, number: number): string =>
    `slipway: 'slipway ${name}' ${start} ${number} argument${number === 1 ? '' : 's'}`;
  if (most === 0) return command.wrong(`slipway: 'slipway ${name}' accepts no arguments`, 1);
  if (least === most) return command.wrong(needs('requires', least), 1);
  if (count > most) return command.wrong(needs('requires at most', most), 1);
  const more = `See 'slipway ${name} --help' for more information`;
  return new Failure(`${needs('requires at least', least)}\n\n${command.usage()}\n\n${more}`);
}
