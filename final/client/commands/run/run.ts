// slipway run IMAGE [COMMAND] [ARGUMENTS]

import { grammar, parse, type Run } from '../../command.ts';
import { Failure } from '../../failure.ts';
import { type RunFlags, withRunFlags } from './flags.ts';
import { runJoined, startOrFail } from './joined.ts';
import { makeContainer } from './making.ts';
import { attached } from './request.ts';

export const run: Run = async (args, context) => {
  const command = withRunFlags(
    grammar('run [OPTIONS] IMAGE [COMMAND] [ARG...]', 'Create a container and run a command in it'),
  )
    .option('-d, --detach', 'do not wait for it: print its id')
    .option('--detach-keys <keys>', 'keys that leave it running')
    .option('--sig-proxy <yes>', 'pass our signals on', 'true');
  const { options, args: words } = parse<RunFlags>(command, args, 1);
  const [image = '', ...program] = words;
  if (options.tty === true && options.interactive === true && !process.stdin.isTTY) {
    throw new Failure('the input device is not a TTY', 1);
  }
  const id = await makeContainer(context, options, image, program).catch(blame);
  if (options.detach === true) {
    await startOrFail(context, id);
    context.out.write(`${id}\n`);
    return 0;
  }
  return runJoined(context, id, {
    streams: attached(options),
    isTerminal: options.tty ?? false,
    isRemoved: options.rm ?? false,
    forwards: options.sigProxy !== 'false',
    detachKeys: options.detachKeys,
  });
};

function blame(error: unknown): never {
  if (!(error instanceof Failure)) throw error;
  throw new Failure(
    `slipway: ${error.message}\n\nRun 'slipway run --help' for more information`,
    125,
  );
}
