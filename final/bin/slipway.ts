#!/usr/bin/env node
// slipway: one program. `slipway daemon` serves, every other command asks who serves.

import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// Not in /tmp, where anybody could lay down what we would run.
enableCompileCache(join(import.meta.dirname, '../dist/cache'));
const [command, ...rest] = process.argv.slice(2);
if (command === 'daemon') {
  const { startDaemon } = await import('../daemon/start/start.ts');
  await startDaemon(rest);
} else {
  const { main } = await import('../client/main.ts');
  await main(process.argv.slice(2));
}
