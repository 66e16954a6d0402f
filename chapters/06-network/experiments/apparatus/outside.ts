// A server in the outside.
//
// - `serveOutside(lab, world, words)`: runs until the experiment ends

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { findByCommandLine } from '@slipway/lab/checkpoint.ts';
import type { Lab } from '@slipway/lab';
import type { World } from '../../world/world.ts';
import { isServed, waitFor, type Service } from './places.ts';

export async function serveOutside(
  lab: Pick<Lab, 'hold'>,
  { outside }: World,
  words: readonly string[],
  serves: Service,
): Promise<void> {
  const [program = '', ...rest] = [...outside.enter, ...words];
  const child = spawn(program, rest, { stdio: 'ignore' });
  lab.hold({
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null)
        await once(child, 'exit');
    },
  });
  // nsenter(1) becomes the server: one process, one pid.
  await waitFor(() => findByCommandLine(words));
  await isServed(child.pid ?? 0, serves);
}
