// slipway exec CONTAINER COMMAND [ARGUMENTS]
//
// - `run`   joins our streams with the command's; its exit status is ours

import { z } from 'zod';
import { collect, grammar, parse, type Run } from '../../command.ts';
import { Failure } from '../../failure.ts';
import { converse, terminalSize } from '../../streams/conversation.ts';
import { rawTerminal } from '../../streams/raw-terminal.ts';
import { printSteps, stepsSchema } from '../own/steps.ts';
import { environmentOf } from '../run/values.ts';

interface Options {
  readonly detach?: boolean;
  readonly interactive?: boolean;
  readonly tty?: boolean;
  readonly privileged?: boolean;
  readonly user?: string;
  readonly workdir?: string;
  readonly env: readonly string[];
  readonly envFile: readonly string[];
  readonly detachKeys?: string;
  readonly explain?: boolean;
}

const created = z.object({ Id: z.string() });
const inspected = z.object({ ExitCode: z.number().nullish() });

function commandLine() {
  return grammar(
    'exec [OPTIONS] CONTAINER COMMAND [ARG...]',
    'Run a command in a running container',
  )
    .option('-d, --detach', 'do not wait for it')
    .option('-i, --interactive', 'pass our standard input on')
    .option('-t, --tty', 'give it a terminal')
    .option('--privileged', 'all capabilities')
    .option('-u, --user <user>', 'user, or user:group')
    .option('-w, --workdir <path>', 'working directory')
    .option('-e, --env <name=value>', 'environment', collect, [])
    .option('--env-file <path>', 'environment, a line each', collect, [])
    .option('--detach-keys <keys>', 'keys that leave it running')
    .option('--explain', 'print the program of system calls; run nothing')
    .passThroughOptions();
}

export const run: Run = async (args, context) => {
  const { options, args: words } = parse<Options>(commandLine(), args, 2);
  const [container = '', ...Cmd] = words;
  const { api, out, err, environment } = context;
  const { detach = false, interactive = false, tty: Tty = false } = options;
  if (Tty && interactive && !process.stdin.isTTY) {
    throw new Failure('the input device is not a TTY');
  }
  const ConsoleSize = Tty ? terminalSize(out) : undefined;
  const body = {
    Cmd,
    Tty,
    AttachStdin: interactive && !detach,
    AttachStdout: !detach,
    AttachStderr: !detach,
    User: options.user ?? '',
    WorkingDir: options.workdir ?? '',
    Privileged: options.privileged ?? false,
    Env: environmentOf(options, environment),
    DetachKeys: options.detachKeys ?? '',
    ...(ConsoleSize && { ConsoleSize }),
  };
  if (options.explain === true) {
    const explain = { method: 'POST', path: `/slipway/containers/${container}/explain` } as const;
    printSteps(context, stepsSchema.parse(await api.json({ ...explain, body })));
    return 0;
  }
  const path = `/containers/${container}/exec`;
  const { Id } = created.parse(await api.json({ method: 'POST', path, body }));
  const start = {
    method: 'POST',
    path: `/exec/${Id}/start`,
    body: { Detach: detach, Tty, ...(ConsoleSize && { ConsoleSize }) },
  } as const;
  if (detach) {
    await api.json(start);
    return 0;
  }
  const connection = await api.hijack(start);
  using held = new DisposableStack();
  if (Tty && out.isTTY) {
    const resize = (h: number, w: number): void => {
      const query = { h, w };
      void api.json({ method: 'POST', path: `/exec/${Id}/resize`, query }).catch(() => undefined);
    };
    held.use(rawTerminal(resize));
  }
  const input = interactive ? process.stdin : undefined;
  const { detachKeys } = options;
  const ending = await converse(connection, { isTerminal: Tty, input, out, err, detachKeys });
  if (ending === 'detached') throw new Failure('read escape sequence');
  return inspected.parse(await api.json({ path: `/exec/${Id}/json` })).ExitCode ?? 0;
};
