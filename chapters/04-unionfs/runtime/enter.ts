// A second process in a container that runs: chapter 03's `enter`.
//
// - `enter(command, argv)`: `enter PID -- command…` → its exit status

import { linuxControlGroups } from '@slipway/cgroups';
import { enterGroup, enterGroupRequest } from '@slipway/cgroups/runtime/enter-group.ts';
import { groupOfProcess } from '@slipway/cgroups/runtime/of-process.ts';
import { foregroundStdio, ownSize, runForeground } from '@slipway/namespaces';
import { printProgram } from '@slipway/namespaces/explain.ts';
import {
  addStreamOptions,
  readPid,
  refuseWithoutTerminal,
  type StreamFlags,
} from '@slipway/namespaces/options.ts';
import { ownEnvironment } from '@slipway/rootfs';
import type { Command } from 'commander';

/** @throws UsageError if the text is no pid, SyscallError if it cannot be entered */
export async function enter(
  command: Command,
  argv: readonly string[],
): Promise<number> {
  addStreamOptions(command.argument('<pid> [command...]'));
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
    env: ownEnvironment(flags),
    stdio: foregroundStdio({ interactive }),
    ...(flags.tty && { terminal: ownSize() }),
  };
  const group = groupOfProcess(linuxControlGroups(), pid);
  if (flags.explain) return printProgram(enterGroupRequest(pid, group, options));
  return runForeground(() => enterGroup(pid, group, options), { interactive });
}
