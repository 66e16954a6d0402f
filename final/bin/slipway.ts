#!/usr/bin/env node
// slipway: one program. `slipway daemon` serves, every other command asks who serves.

import { enableCompileCache } from 'node:module';

enableCompileCache();
const [command, ...rest] = process.argv.slice(2);
if (command === 'daemon') {
  const { startDaemon } = await import('../daemon/start/start.ts');
  await startDaemon(rest);
} else {
  const { runClient } = await import('../client/main.ts');
  // A reader that has had enough (`| head`) is no failure of ours.
  process.stdout.on('error', () => process.exit(0));
  process.exit(await runClient(process.argv.slice(2)));
}
