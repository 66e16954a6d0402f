// A command of the client: its grammar and what it does.
//
// - `Command`           a name's line in the table (commands.ts)
// - `Context`           what a command works with
// - `grammar(usage, about)`, `parse(…)`    commander, set up as docker's commands are

import { Command as Grammar } from 'commander';
import type { Api } from './transport.ts';

export interface Context {
  readonly api: Api;
  readonly out: NodeJS.WriteStream;
  readonly err: NodeJS.WriteStream;
  readonly environment: NodeJS.ProcessEnv;
}

/** The exit status. */
export type Run = (args: readonly string[], context: Context) => Promise<number>;

export function grammar(usage: string, about: string): Grammar {
  const [name = '', ...rest] = usage.split(' ');
  return new Grammar(`slipway ${name}`)
    .usage(rest.join(' '))
    .description(about)
    .helpOption('--help', 'show this')
    .allowExcessArguments()
    .exitOverride()
    .configureOutput({ outputError: () => undefined });
}

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
  command.parse(args, { from: 'user' });
  const count = command.args.length;
  if (count >= least && count <= most)
    return { options: command.opts<Options>(), args: command.args };
  const wanted =
    least === most
      ? `requires ${least} argument${least === 1 ? '' : 's'}`
      : count < least
        ? `requires at least ${least} argument${least === 1 ? '' : 's'}`
        : `accepts at most ${most} argument${most === 1 ? '' : 's'}`;
  command.error(`'${command.name()}' ${wanted}`);
}

/** For an option that may be given several times. */
export function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}
