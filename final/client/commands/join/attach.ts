// slipway attach CONTAINER
//
// - `run`   joins our streams with its own until it ends; its exit status is ours

import { z } from 'zod';
import { grammar, parse, type Run } from '../../command.ts';
import { Failure } from '../../failure.ts';
import { converse } from '../../streams/conversation.ts';
import { rawTerminal } from '../../streams/raw-terminal.ts';
import { forwardSignals } from './joined.ts';

interface Options {
  readonly stdin: boolean;
  readonly sigProxy?: boolean;
  readonly detachKeys?: string;
}

const inspected = z.object({
  Id: z.string(),
  Config: z.object({ Tty: z.boolean(), OpenStdin: z.boolean() }),
  State: z.object({
    Running: z.boolean(),
    Paused: z.boolean(),
    Restarting: z.boolean(),
    ExitCode: z.number(),
  }),
});

export const run: Run = async (args, context) => {
  const command = grammar('attach [OPTIONS] CONTAINER', 'Join our streams with a running container')
    .option('--no-stdin', 'pass no input on')
    .option('--sig-proxy', 'pass our signals on')
    .option('--detach-keys <keys>', 'keys that leave it running');
  const { options, args: names } = parse<Options>(command, args, 1, 1);
  const { api, out, err } = context;
  const path = `/containers/${names[0] ?? ''}`;
  const { Id, Config, State } = inspected.parse(await api.json({ path: `${path}/json` }));
  if (!State.Running) {
    throw new Failure('You cannot attach to a stopped container, start it first');
  }
  if (State.Paused) throw new Failure('You cannot attach to a paused container, unpause it first');
  const stdin = options.stdin && Config.OpenStdin;
  const query = { stream: true, stdin, stdout: true, stderr: true, detachKeys: options.detachKeys };
  const connection = await api.hijack({ method: 'POST', path: `${path}/attach`, query });
  using held = new DisposableStack();
  if (options.sigProxy !== false && !Config.Tty) held.use(forwardSignals(context, Id));
  if (Config.Tty && out.isTTY) {
    const resize = (h: number, w: number): void => {
      void api
        .json({ method: 'POST', path: `${path}/resize`, query: { h, w } })
        .catch(() => undefined);
    };
    // Whatever it shows it shows again when its size changes.
    resize(out.rows + 1, out.columns + 1);
    held.use(rawTerminal(resize));
  }
  const ending = await converse(connection, {
    isTerminal: Config.Tty,
    input: stdin ? process.stdin : undefined,
    out,
    err,
    detachKeys: options.detachKeys,
  });
  if (ending === 'detached') throw new Failure('read escape sequence');
  const after = inspected.parse(await api.json({ path: `${path}/json` }));
  return after.State.Running ? 0 : after.State.ExitCode;
};
