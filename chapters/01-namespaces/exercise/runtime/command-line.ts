// Made from ../../runtime/command-line.ts by `npm run generate`. Nothing is left out here.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// How every chapter's run.ts is spoken to: its experiments, a verb, or a container.
//
// - `runChapter(line, argv)`: chooses, and turns what was refused into an exit status
// - `readEntering(command, argv, environment)`: the words of `enter PID -- command…`
// - `Verb`: one verb's part of a command line → its exit status
//
// 125 is the status of a command line that was refused, as it is Docker's. A mistake in
// the code itself is not swallowed: its stack says where.

import type { Experiment } from '@slipway/lab';
import { Command, CommanderError } from 'commander';
import type { EnterOptions } from '../container/enter.ts';
import { foregroundStdio } from './foreground.ts';
import {
  addStreamOptions,
  readPid,
  refuseWithoutTerminal,
  type StreamFlags,
} from './options.ts';
import { ownSize } from '../../runtime/terminal.ts';

/** `command` is named after the verb, and knows no options yet. */
export type Verb = (
  command: Command,
  argv: readonly string[],
) => number | Promise<number>;

export interface ChapterLine {
  /** The name of its folder. */
  readonly chapter: string;
  /** Loaded only when asked for: a container starts without them. */
  readonly experiments: (argv: readonly string[]) => Promise<readonly Experiment[]>;
  /** Flags of the experiments beside those of every chapter. */
  readonly experimentFlags?: readonly string[];
  readonly verbs: Readonly<Record<string, Verb>>;
  readonly run: Verb;
}

/** The exit status of `run.ts argv…`. */
export async function runChapter(
  line: ChapterLine,
  argv: readonly string[],
): Promise<number> {
  const [word = '', ...rest] = argv;
  const own = line.experimentFlags ?? [];
  const verb = Object.hasOwn(line.verbs, word) ? line.verbs[word] : undefined;
  try {
    if (argv.length === 0 || ['--json', '--only', '--list', ...own].includes(word)) {
      const { runExperiments } = await import('@slipway/lab');
      const experiments = await line.experiments(argv);
      const flags = argv.filter(flag => !own.includes(flag));
      return await runExperiments({ chapter: line.chapter, experiments, argv: flags });
    }
    if (verb !== undefined) return await verb(bare(`run.ts ${word}`), rest);
    const command = bare('run.ts').argument('[command...]');
    return await line.run(command.addHelpText('after', otherWays(line)), argv);
  } catch (error) {
    return refuse(error);
  }
}

/** What `--help` says beside the options. */
function otherWays({ verbs, experimentFlags = [] }: ChapterLine): string {
  const words = ['--list names them', '--only ID runs one', ...experimentFlags];
  return `
Without any argument: the experiments of this chapter (${words.join(', ')}).
Other commands: ${Object.keys(verbs).join(', ')}.
Each says more with --help.`;
}

function refuse(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 125;
  const isBug = error instanceof TypeError || error instanceof ReferenceError;
  if (isBug || !(error instanceof Error)) throw error;
  process.stderr.write(`slipway: ${error.message}\n`);
  return 125;
}

export interface Entering {
  readonly pid: number;
  readonly options: EnterOptions;
  readonly interactive: boolean;
  /** Print the program of system calls and run nothing. */
  readonly explain: boolean;
}

/** @throws UsageError if the text is no pid, or there is no terminal */
export function readEntering(
  command: Command,
  argv: readonly string[],
  environment: (flags: StreamFlags) => readonly string[],
): Entering {
  addStreamOptions(command.argument('<pid>').argument('[command...]'));
  command.option('--explain', 'print the program of system calls and run nothing');
  const parsed = command.parse(argv, { from: 'user' });
  const flags = parsed.opts<StreamFlags & { explain?: true }>();
  const [target = '', ...rest] = parsed.args;
  const words = rest[0] === '--' ? rest.slice(1) : rest;
  const pid = readPid(target, words);
  refuseWithoutTerminal(flags, process.stdin.isTTY);
  const interactive = flags.interactive ?? false;
  const options = {
    argv: words,
    env: environment(flags),
    stdio: foregroundStdio({ interactive }),
    ...(flags.tty && { terminal: ownSize() }),
  };
  return { pid, options, interactive, explain: flags.explain ?? false };
}

/** A command line that stops at the first word that is not an option. */
function bare(name: string): Command {
  return new Command(name).passThroughOptions().exitOverride();
}
// As made: f2331dda
