// The client as one file that starts fast: `npm run build --workspace final` writes dist/.
//
// - `bundle(folder)`   `slipway.js`, which starts it; `client.js`, all of it; `cache/`, compiled
//
// Reading a hundred small modules, and stripping their types, costs more than all that a command
// does. CommonJS, because `import 'node:http'` asks that module for everything it has: it loads a
// browser's fetch and WebSocket on the way, 25 ms that `require` does not spend. The daemon stays
// as it is: it starts once.

import { spawnSync } from 'node:child_process';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { rolldown } from 'rolldown';

const here = import.meta.dirname;

/** What is loaded only where it is asked for, from where it lies. */
const apart = /commands\/files\/copy-(in|out)\.ts$/;

// Node looks for an `--env-file` of its own in all words up to `--`; that of `run` is not for it.
const start = `#!/usr/bin/env -S node --
'use strict';
require('node:module').enableCompileCache(__dirname + '/cache');
const words = process.argv.slice(2);
if (words[0] === 'daemon') {
  import('../daemon/start/start.ts').then(({ startDaemon }) => startDaemon(words.slice(1)));
} else {
  require('./client.js').main(words);
}
`;

export async function bundle(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const built = await rolldown({
    input: join(here, 'main.ts'),
    platform: 'node',
    // Files are copied by the addon, which stays where it is.
    external: id => apart.test(id),
  });
  const file = join(folder, 'client.js');
  const paths = (id: string): string => {
    const found = apart.exec(id)?.[0];
    return found === undefined ? id : relative(folder, join(here, found));
  };
  await built.write({ file, format: 'cjs', minify: true, codeSplitting: false, paths });
  await built.close();
  await writeFile(join(folder, 'package.json'), '{ "type": "commonjs" }\n');
  await writeFile(join(folder, 'slipway.js'), start);
  await chmod(join(folder, 'slipway.js'), 0o755);
  // Whoever comes first finds it compiled.
  const nobody = 'unix:///nobody.sock';
  spawnSync(process.execPath, [join(folder, 'slipway.js'), '-H', nobody, 'run', 'busybox']);
}

if (import.meta.main) await bundle(join(here, '../dist'));
