// The client: `slipway [options] COMMAND …`.
//
// - `main(args)`        the whole process: it ends here
// - `runClient(args)`   the exit status
//
// What the engine refuses is said as docker says it; a name that is none is answered with the
// nearest that is one.

import { clientVersion } from './client-version.ts';
import type { Context } from './command.ts';
import {
  commandNames,
  findCommand,
  groupOverview,
  isGroup,
  overview,
  verbsOf,
  type Found,
} from './commands.ts';
import { Failure } from './failure.ts';
import { HelpAsked } from './grammar.ts';
import { engineHost, type HostOptions } from './host.ts';
import { nearest } from './nearest.ts';
import { Api } from './transport.ts';

export async function main(args: readonly string[]): Promise<never> {
  // A reader that has had enough (`| head`) is no failure of ours.
  process.stdout.on('error', () => process.exit(0));
  const status = await runClient(args);
  // What a pipe has not taken yet would be lost.
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  process.exit(status);
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise(resolve => stream.write('', () => resolve()));
}

export async function runClient(args: readonly string[]): Promise<number> {
  const { stdout: out, stderr: err, env } = process;
  try {
    const { options, rest } = globalOptions(args);
    const found = choose(rest);
    if (typeof found === 'string') {
      out.write(found);
      return 0;
    }
    if ('missing' in found) {
      err.write(groupOverview(found.missing));
      return 0;
    }
    const api = new Api(engineHost(options, env));
    const context: Context = { api, out, err, environment: env };
    const { run } = await found.load();
    return await run(found.args, context);
  } catch (error) {
    if (error instanceof HelpAsked) {
      out.write(error.message);
      return 0;
    }
    return fail(error, err);
  }
}

/** A group's second word. */
interface Incomplete {
  readonly missing: string;
}

/** A command, or what there is to be read. @throws Failure */
function choose(words: readonly string[]): Found | Incomplete | string {
  const [first = 'help', second = '--help'] = words;
  const [name, ...more] = first === 'help' && words.length > 1 ? [second, '--help'] : words;
  if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
    return overview();
  }
  if (name === '--version' || name === '-v') return `Slipway version ${clientVersion}\n`;
  if (isGroup(name) && more[0] === undefined) return { missing: name };
  if (isGroup(name) && more[0]?.startsWith('-')) return groupOverview(name);
  const found = findCommand([name, ...more]);
  if (found !== undefined) return found;
  throw isGroup(name) ? unknownVerb(name, more[0] ?? '') : unknown(name);
}

function unknown(name: string): Failure {
  if (name.startsWith('-')) {
    const usage = 'Usage:  slipway [OPTIONS] COMMAND [ARG...]';
    const more = "Run 'slipway --help' for more information";
    return new Failure(`unknown flag: ${name}\n\n${usage}\n\n${more}`, 125);
  }
  const hint = hintOf(nearest(name, commandNames()));
  const more = "Run 'slipway --help' for more information";
  return new Failure(`slipway: unknown command: slipway ${name}${hint}\n\n${more}`);
}

function unknownVerb(group: string, verb: string): Failure {
  const hint = hintOf(nearest(verb, verbsOf(group)));
  const more = `Run 'slipway ${group} --help' for more information`;
  const usage = `Usage:  slipway ${group}`;
  const words = `slipway: unknown command: slipway ${group} ${verb}${hint}`;
  return new Failure(`${words}\n\n${usage}\n\n${more}`);
}

function hintOf(near: string | undefined): string {
  return near === undefined ? '' : `\n\nDid you mean '${near}'?`;
}

function fail(error: unknown, err: NodeJS.WriteStream): number {
  if (error instanceof Failure) {
    if (error.message !== '') err.write(`${error.message}\n`);
    return error.exitStatus;
  }
  // What the machine refuses (a file that is not there) is the user's to read, without our stack.
  if (error instanceof Error && 'syscall' in error) {
    err.write(`${error.message}\n`);
    return 1;
  }
  throw error;
}

const valued = new Map<string, keyof HostOptions>([
  ['-H', 'host'],
  ['--host', 'host'],
  ['--tlscacert', 'tlscacert'],
  ['--tlscert', 'tlscert'],
  ['--tlskey', 'tlskey'],
]);

/** They stand before the command. */
function globalOptions(args: readonly string[]): {
  readonly options: HostOptions;
  readonly rest: readonly string[];
} {
  const options: Record<string, string | boolean> = {};
  let index = 0;
  for (; index < args.length; index += 1) {
    const word = args[index] ?? '';
    const [flag = '', ...parts] = word.startsWith('--') ? word.split('=') : [word];
    const key = valued.get(flag);
    if (key !== undefined) {
      if (parts.length === 0) index += 1;
      options[key] = parts.length > 0 ? parts.join('=') : (args[index] ?? '');
    } else if (flag === '--tls' || flag === '--tlsverify') {
      options[flag.slice(2)] = parts[0] !== 'false';
    } else if (word !== '-D' && word !== '--debug') {
      break;
    }
  }
  return { options, rest: args.slice(index) };
}
