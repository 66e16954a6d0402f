#!/usr/bin/env -S node --
// slipway, for who types it often: slipway.ts without the compiler.
//
// Node looks for an `--env-file` of its own among all words up to `--`: without that it would read
// the file of `run --env-file`, or end because it is not there.
//
// Node takes the types out of the file that it is given before anybody can tell it where it has
// done so already; for that alone it loads its compiler, a third of a short command's time. Of
// what is imported from here it remembers the result.

import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// Not in /tmp, where anybody could lay down what we would run.
enableCompileCache(join(import.meta.dirname, '../dist/cache'));
await import('./slipway.ts');
