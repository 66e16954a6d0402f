// slipway run IMAGE [COMMAND] [ARGUMENTS]

import { grammar, parse, type Run } from '../../command.ts';
import { Failure } from '../../failure.ts';
import { type RunFlags, withRunFlags } from './flags.ts';
import { runJoined, startOrFail } from '../join/joined.ts';
import { explainRun, makeContainer } from './making.ts';
import { attached } from './request.ts';

export const run: Run = async (args, context) => {
  const command = withRunFlags(
    grammar('run [OPTIONS] IMAGE [COMMAND] [ARG...]', 'Create a container and run a command in it'),
  )
    .option('-d, --detach', 'do not wait for it: print its id')
    .option('--detach-keys <keys>', 'keys that leave it running')
    .option('--explain', 'print the program of system calls; run nothing')
    .option('--sig-proxy', 'pass our signals on');
  const { options, args: words } = parse<RunFlags>(command, args, 1);
  const [image = '', ...program] = words;
  if (options.detach === true && options.attach.length > 0) {
    throw new Failure('conflicting options: cannot specify both --attach and --detach');
  }
  if (options.tty === true && options.interactive === true && !process.stdin.isTTY) {
    throw new Failure('the input device is not a TTY', 1);
  }
  if (options.explain === true) return explainRun(context, options, image, program).catch(blame);
  const id = await makeContainer(context, options, image, program).catch(blame);
  if (options.detach === true) {
    await startOrFail(context, id).catch(blame);
    context.out.write(`${id}\n`);
    return 0;
  }
  return runJoined(context, id, {
    start: () => startOrFail(context, id).catch(blame),
    streams: attached(options),
    isTerminal: options.tty ?? false,
    isRemoved: options.rm ?? false,
    forwards: options.sigProxy ?? true,
    detachKeys: options.detachKeys,
  });
};

function blame(error: unknown): never {
  if (!(error instanceof Failure)) throw error;
  throw new Failure(
    `slipway: ${error.message}\n\nRun 'slipway run --help' for more information`,
    error.exitStatus === 1 ? 125 : error.exitStatus,
  );
}
