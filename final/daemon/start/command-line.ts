// From the command line and the configuration file to the daemon's settings.
//
// - `readCommandLine(args)`   what the flags say, and which file is to be read
// - `readSettings(asked)`     both together, checked; a key in both is refused, as dockerd does
// - `WrongSetting`            names what is wrong; nothing has been started
//
// The file is read again on SIGHUP, so reading it is apart from reading the flags.

import { readFileSync } from 'node:fs';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type Flag, flags, type Settings, settingsSchema } from './settings.ts';

export class WrongSetting extends Error {
  override readonly name = 'WrongSetting';
}

const usualFile = '/etc/slipway/daemon.json';

export interface CommandLine {
  /** By key of the file. */
  readonly said: Readonly<Record<string, unknown>>;
  readonly file: string;
  /** A file that was asked for must be there. */
  readonly fileIsMeant: boolean;
  /** Nothing is to be started. */
  readonly isTrial: boolean;
}

/** Prints and ends the process for `--help`. @throws WrongSetting */
export function readCommandLine(args: readonly string[]): CommandLine {
  const command = new Command('slipway daemon')
    .description('Serves Docker’s API.')
    .option('--config-file <path>', `settings as JSON (default ${usualFile})`)
    .option('--validate', 'say whether flags and file are right, and start nothing')
    .allowExcessArguments()
    .configureOutput({ writeErr: () => undefined })
    .exitOverride();
  for (const flag of flags) command.addOption(optionOf(flag));
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (isHelp(error)) process.exit(0);
    throw new WrongSetting(words(error));
  }
  if (command.args.length > 0) throw new WrongSetting(`"${command.args[0]}" is not expected here`);
  const options: Readonly<Record<string, unknown>> = command.opts();
  const said = flags.flatMap(({ flag, key }) => {
    const value = options[nameOf(flag)];
    return value === undefined ? [] : [[key, value] as const];
  });
  const file = options['configFile'];
  return {
    said: Object.fromEntries(said),
    file: typeof file === 'string' ? file : usualFile,
    fileIsMeant: file !== undefined,
    isTrial: options['validate'] === true,
  };
}

function isHelp(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'commander.helpDisplayed';
}

function words(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/^error: /, '');
}

function nameOf(flag: string): string {
  const long = flag.slice(flag.indexOf('--') + 2);
  return long.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function optionOf({ flag, kind, help }: Flag): Option {
  const shape = { text: ' <text>', number: ' <n>', yes: ' [yes]', list: ' <text>', map: ' <k=v>' };
  const option = new Option(`${flag}${shape[kind]}`, help);
  // --no-new-privileges turns nothing off.
  option.negate = false;
  switch (kind) {
    case 'number':
      return option.argParser(text => (/^-?\d+$/.test(text) ? Number(text) : refuse(text)));
    case 'yes':
      return option.preset('true').argParser(text => readYes(text));
    case 'list':
      return option.argParser((text, all: unknown) => [...(Array.isArray(all) ? all : []), text]);
    case 'map':
      return option.argParser((text, all: unknown) => {
        const [key = '', ...value] = text.split('=');
        if (key === '' || value.length === 0) {
          throw new InvalidArgumentError('KEY=VALUE is expected');
        }
        return { ...(typeof all === 'object' ? all : {}), [key]: value.join('=') };
      });
    case 'text':
      return option;
  }
}

function refuse(text: string): never {
  throw new InvalidArgumentError(`${JSON.stringify(text)} is not a number`);
}

function readYes(text: string): boolean {
  if (['true', '1', 'yes'].includes(text)) return true;
  if (['false', '0', 'no'].includes(text)) return false;
  throw new InvalidArgumentError(`${JSON.stringify(text)} is neither true nor false`);
}

/** @throws WrongSetting */
export function readSettings(commandLine: CommandLine): Settings {
  const { said, file } = commandLine;
  const filed = readFile(commandLine);
  const twice = Object.keys(said).filter(key => Object.hasOwn(filed, key));
  if (twice.length > 0) {
    const list = twice.map(
      key => `${key}: (from flag: ${show(said[key])}, from file: ${show(filed[key])})`,
    );
    throw new WrongSetting(
      `unable to configure the daemon with file ${file}: the following directives are specified ` +
        `both as a flag and in the configuration file: ${list.join(', ')}`,
    );
  }
  const unknown = Object.keys(filed).filter(key => !Object.hasOwn(settingsSchema.shape, key));
  if (unknown.length > 0) {
    throw new WrongSetting(
      `unable to configure the daemon with file ${file}: the following directives don't match ` +
        `any configuration option: ${unknown.join(', ')}`,
    );
  }
  return check({ ...filed, ...said });
}

function check(values: Readonly<Record<string, unknown>>): Settings {
  const parsed = settingsSchema.safeParse(values);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => {
    return `${path.map(String).join('.')}: ${message.replace(/^Invalid input: /, '')}`;
  });
  throw new WrongSetting(`invalid setting ${wrong.join('; ')}`);
}

function readFile({ file, fileIsMeant }: CommandLine): Readonly<Record<string, unknown>> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (!fileIsMeant && error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return {};
    throw new WrongSetting(`cannot read the configuration file ${file}: ${words(error)}`);
  }
  let value: unknown;
  try {
    value = text.trim() === '' ? {} : JSON.parse(text);
  } catch (error) {
    throw new WrongSetting(`the configuration file ${file} is not JSON: ${words(error)}`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new WrongSetting(`the configuration file ${file} is not an object`);
}

function show(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
