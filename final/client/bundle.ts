// The client as one file that starts fast: `npm run build --workspace final` writes
// dist/slipway.js.
//
// Reading a hundred small modules, and stripping their types, costs more than all that a command
// does. The daemon stays as it is: it starts once, and its types are stripped by Node itself.

import { chmod, rm } from 'node:fs/promises';
import { rolldown } from 'rolldown';

const here = import.meta.dirname;

const bundle = await rolldown({
  input: `${here}/../bin/slipway.ts`,
  platform: 'node',
  external: id => id.includes('/daemon/'),
});
await rm(`${here}/../dist`, { recursive: true, force: true });
await bundle.write({
  dir: `${here}/../dist`,
  entryFileNames: 'slipway.js',
  format: 'esm',
  minify: true,
});
await bundle.close();
await chmod(`${here}/../dist/slipway.js`, 0o755);
