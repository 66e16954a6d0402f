// A server in the outside.
//
// - `serveOutside(lab, world, words)`: runs until the experiment ends

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { findByCommandLine } from '@slipway/lab/checkpoint.ts';
import type { Lab } from '@slipway/lab';
import type { World } from '../world/world.ts';
import { waitFor } from './places.ts';

export async function serveOutside(
  lab: Pick<Lab, 'hold'>,
  { outside }: World,
  words: readonly string[],
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
  await waitFor(() => findByCommandLine(words));
}
