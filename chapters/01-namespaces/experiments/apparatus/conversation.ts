// A container to talk to: started as run.ts starts it, with a shell that answers.
//
// - `startContainer(lab, flags)`: the container that `run.ts FLAGS -i -- busybox sh` is
// - `converse(lab, request)`: the container of a request, for what run.ts cannot say
// - `container.ask(line)`: types a line to its shell, shows it, and returns the answer
//
// The flags that are shown are the flags that are parsed, so the reader can type them.
// The lab ends the container with the experiment.

import { createInterface } from 'node:readline';
import { spawn, type Child, type SpawnRequest } from '@slipway/native';
import type { Lab } from '@slipway/lab';
import { Command } from 'commander';
import { containerRequest } from '../../container/container.ts';
import {
  addNamespaceOptions,
  ownSurroundings,
  readContainerOptions,
  type NamespaceFlags,
} from '../../runtime/options.ts';
import { asUser } from './rights.ts';

export interface Container {
  readonly child: Child;
  /** The host's number for its first process. */
  readonly pid: number;
  /** The lines that its shell answers to `line`. */
  ask(line: string): Promise<readonly string[]>;
}

/**
 * A container with these flags, and `--map-root-user` where we are not root.
 *
 * @throws UsageError if the flags do not fit together, SyscallError as `spawn`
 */
export async function startContainer(
  lab: Lab,
  flags: readonly string[],
): Promise<Container> {
  const words = flags.some(mapsIds) ? flags : [...asUser('--map-root-user'), ...flags];
  lab.show(typedLines(['-i', ...words, '-- busybox sh']));
  const options = readContainerOptions(parse(words), ['busybox', 'sh'], {
    ...ownSurroundings(),
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
  return converse(lab, containerRequest(options));
}

/** The container of a request whose application is a shell. */
export async function converse(lab: Lab, request: SpawnRequest): Promise<Container> {
  const stdio = ['pipe', 'pipe', 'pipe'] as const;
  const child = lab.hold(await spawn({ ...request, stdio }));
  return { child, pid: child.pid, ask: openConversation(lab, child) };
}

/** The words behind run.ts; on a second line where one is too narrow for a terminal. */
function typedLines(words: readonly string[]): readonly string[] {
  const [run, rest] = ['$ npx tsx chapters/01-namespaces/run.ts', words.join(' ')];
  return `${run} ${rest}`.length <= 76
    ? [`${run} ${rest}`]
    : [`${run} \\`, `    ${rest}`];
}

/** Whether the flag makes a user namespace with somebody in it. */
function mapsIds(flag: string): boolean {
  return ['--all', '--map-root-user', '--uid-map'].includes(flag);
}

/** The flags as run.ts reads them. */
function parse(words: readonly string[]): NamespaceFlags {
  const command = addNamespaceOptions(new Command().exitOverride());
  return command.parse(words, { from: 'user' }).opts<NamespaceFlags>();
}

function openConversation(lab: Lab, child: Child): Container['ask'] {
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw new Error(`process ${child.pid} has no pipes to us`);
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  // Complaints belong to the answer too.
  stdin.write('exec 2>&1\n');
  return async line => {
    // The shell says this itself, without a process for it: ps must not see one more.
    stdin.write(`${line}\necho end of the answer\n`);
    const answer: string[] = [];
    for (;;) {
      const next = await lines.next();
      if (next.done) throw new Error(`the container ended before it answered ${line}`);
      if (next.value === 'end of the answer') break;
      answer.push(next.value);
    }
    lab.show([`/ # ${line}`, ...answer]);
    return answer;
  };
}
