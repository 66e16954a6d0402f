#!/usr/bin/env -S npx tsx
// slipway: one program. `slipway daemon` serves, every other command asks who serves.

const [command, ...rest] = process.argv.slice(2);
if (command === 'daemon') {
  const { startDaemon } = await import('../daemon/start/start.ts');
  await startDaemon(rest);
}
