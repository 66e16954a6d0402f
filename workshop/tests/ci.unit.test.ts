/**
 * .ci/run is a shell script: it is run in a folder of its own, with an npm that says what we want.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { planted } from '../checks/planted.ts';
import { root } from '../setup/tools.mjs';

interface Told {
  readonly status: number | null;
  readonly last: string | undefined;
}

/** `stages` is a shell `case`: what npm does for `run --silent NAME` ($3) or `test` ($1). */
function ci(stages: string): Told {
  const npm = `#!/bin/sh\ncase "$1 $3" in\n${stages}\n*) exit 0 ;;\nesac\n`;
  using tree = planted({ '.ci/not-run': '', 'bin/npm': npm });
  copyFileSync(join(root, '.ci/run'), join(tree.root, '.ci/run'));
  chmodSync(join(tree.root, 'bin/npm'), 0o755);
  const PATH = `${join(tree.root, 'bin')}:/usr/bin:/bin`;
  const options = { env: { PATH }, encoding: 'utf8' } as const;
  const { status, stdout } = spawnSync('bash', [join(tree.root, '.ci/run')], options);
  return { status, last: stdout.trimEnd().split('\n').at(-1) };
}

const passing = `test*) echo; echo '7 passed, 0 failed, 1 skipped' ;;`;

test('when all is well the last line is the count', () => {
  expect(ci(passing)).toEqual({ status: 0, last: '7 passed, 0 failed, 1 skipped' });
});

test.for(['setup', 'check', 'build'])('a failing %s fails it, and the count stays last', stage => {
  const failing = `'run ${stage}') echo oh no; exit 3 ;;`;
  expect(ci(`${failing}\n${passing}`)).toEqual({
    status: 1,
    last: '7 passed, 0 failed, 1 skipped',
  });
});

test('failing tests fail it', () => {
  const failing = `test*) echo '6 passed, 1 failed, 0 skipped'; echo npm error; exit 1 ;;`;
  expect(ci(failing)).toEqual({ status: 1, last: '6 passed, 1 failed, 0 skipped' });
});

test('tests that say nothing fail it, even with status 0', () => {
  expect(ci('test*) exit 0 ;;')).toEqual({ status: 1, last: '0 passed, 1 failed, 0 skipped' });
});
