// The client: `slipway [options] COMMAND …`.
//
// - `main(args)`        the whole process: it ends here
// - `runClient(args)`   the exit status
//
// What the engine refuses is said as docker says it; a name that is none is answered with the
// nearest that is one.

import type { Context } from './command.ts';
import { commandNames, findCommand, overview } from './commands.ts';
import { Failure } from './failure.ts';
import { engineHost, type HostOptions } from './host.ts';
import { nearest } from './nearest.ts';
import { Api } from './transport.ts';

export async function main(args: readonly string[]): Promise<never> {
  // A reader that has had enough (`| head`) is no failure of ours.
  process.stdout.on('error', () => process.exit(0));
  process.exit(await runClient(args));
}

export async function runClient(args: readonly string[]): Promise<number> {
  const { stdout: out, stderr: err, env } = process;
  try {
    const { options, rest } = globalOptions(args);
    const [name = 'help'] = rest;
    if (name === 'help' || name === '--help' || name === '-h') {
      out.write(overview());
      return 0;
    }
    const found = findCommand(rest);
    if (found === undefined) throw unknown(name);
    const api = new Api(engineHost(options, env));
    const context: Context = { api, out, err, environment: env };
    const { run } = await found.load();
    return await run(found.args, context);
  } catch (error) {
    return fail(error, err, args.find(word => commandNames().includes(word)) ?? '');
  }
}

function unknown(name: string): Failure {
  const near = nearest(name, commandNames());
  const hint = near === undefined ? "See 'slipway help'" : `Did you mean '${near}'?`;
  return new Failure(`slipway: '${name}' is not a slipway command. ${hint}`);
}

function fail(error: unknown, err: NodeJS.WriteStream, name: string): number {
  if (error instanceof Failure) {
    if (error.message !== '') err.write(`${error.message}\n`);
    return error.exitStatus;
  }
  if (error instanceof Error && 'code' in error && String(error.code).startsWith('commander.')) {
    if ('exitCode' in error && error.exitCode === 0) return 0;
    const [, words = error.message] = /^error: (.*)/s.exec(error.message) ?? [];
    err.write(
      `${words.replace('unknown option', 'unknown flag:')}\n\nSee 'slipway ${name} --help'.\n`,
    );
    return 125;
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
    } else {
      break;
    }
  }
  return { options, rest: args.slice(index) };
}
