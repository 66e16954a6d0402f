/**
 * check() checked: a file of tests, most of which must fail, is run by a test runner of its own.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { check } from './check.ts';
import { parseMountinfo } from './proc/mountinfo.ts';

interface Told {
  readonly title: string;
  readonly status: string;
  readonly failureMessages: readonly string[];
}

/** What each test of check/leaks.fixture.ts came to, by name. */
async function toldBy(folder: string): Promise<Map<string, Told>> {
  const outputFile = join(folder, 'results.json');
  const options = {
    config: false,
    root: join(import.meta.dirname, 'check'),
    include: ['leaks.fixture.ts'],
    reporters: ['json'],
    outputFile,
    watch: false,
  };
  const program = `import { startVitest } from 'vitest/node';
    const vitest = await startVitest('test', [], ${JSON.stringify(options)});
    await vitest.close();`;
  try {
    execFileSync(process.execPath, ['--input-type=module', '-e', program], {
      cwd: import.meta.dirname,
      stdio: 'pipe',
      env: { ...process.env, VITEST: '' },
    });
  } catch {
    // It exits with status 1, for tests of it fail: that is what they are for.
  }
  const { testResults } = JSON.parse(readFileSync(outputFile, 'utf8')) as {
    testResults: { assertionResults: Told[] }[];
  };
  const all = testResults.flatMap(file => file.assertionResults);
  return new Map(all.map(told => [told.title, told]));
}

check('a test that leaks fails and names the object', { needs: ['root'] }, async ({ scratch }) => {
  const told = await toldBy(await scratch());
  const outcome = (title: string): string => {
    const { status = 'missing', failureMessages = [] } = told.get(title) ?? {};
    return [status, ...failureMessages.map(text => text.split('\n    at')[0])].join(': ');
  };

  const folder = /folder (\/tmp\/slipway-\d+-leaked) appeared$/.exec(
    outcome('leaks a recorded folder'),
  );
  expect(outcome('leaks a recorded folder')).toMatch(/^failed: Error: the host was left changed: /);
  expect(folder?.[1] !== undefined && existsSync(folder[1]), 'recorded, so undone at once').toBe(
    false,
  );

  expect(outcome('leaks a link')).toBe(
    'failed: Error: the host was left changed: link slipcheck0 appeared',
  );
  expect(outcome('fails and leaks a process')).toMatch(
    /^failed: AssertionError: expected 'the claim'.*\n.*process \d+ \(sleep\) appeared/s,
  );
  expect(outcome('cannot run')).toMatch(/^(skipped|pending)/);
  expect(outcome('is clean')).toBe('passed');
  expect(outcome('has a folder and never ends')).toMatch(/^failed: .*timed out/);
  expect(outcome('its folder has gone')).toBe('passed');
  expect(told.size).toBe(7);
});

check(
  'a test without needs is not guarded, and has a scratch folder all the same',
  async context => {
    expect(existsSync(await context.scratch())).toBe(true);
  },
);

check('a mountinfo line with escapes and optional fields is read whole', () => {
  const line = String.raw`36 35 98:0 /a\040b /mnt/x\134y rw,noatime shared:1 master:2 - ext3 /dev/r errors=c`;
  expect(parseMountinfo(`${line}\n\ngarbage\n`)).toEqual([
    {
      id: 36,
      parent: 35,
      device: '98:0',
      root: '/a b',
      mountPoint: String.raw`/mnt/x\y`,
      options: 'rw,noatime',
      propagation: ['shared:1', 'master:2'],
      type: 'ext3',
      source: '/dev/r',
      superOptions: 'errors=c',
    },
  ]);
});
