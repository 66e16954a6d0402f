/**
 * proseTests() checked: a document, most of which must fail, is run by a test runner of its own.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { check } from '../check.ts';
import { written } from '../check/written.ts';

interface Told {
  readonly title: string;
  readonly status: string;
  readonly failureMessages: readonly string[];
}

/** What each test of prose/binding.fixture.ts came to for this document, in order. */
function told(document: string): readonly string[] {
  using place = written({ 'README.md': document });
  const options = {
    config: false,
    root: join(import.meta.dirname, '../prose'),
    include: ['binding.fixture.ts'],
    reporters: ['json'],
    outputFile: join(place.folder, 'results.json'),
    watch: false,
  };
  const program = `import { startVitest } from 'vitest/node';
    const vitest = await startVitest('test', [], ${JSON.stringify(options)});
    await vitest.close();`;
  const env = {
    ...process.env,
    VITEST: '',
    SLIPWAY_PROSE_FIXTURE: join(place.folder, 'README.md'),
  };
  spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: import.meta.dirname,
    env,
  });
  const { testResults } = JSON.parse(readFileSync(options.outputFile, 'utf8')) as {
    testResults: { assertionResults: Told[] }[];
  };
  return testResults
    .flatMap(file => file.assertionResults)
    .map(({ title, status, failureMessages: [why = ''] }) => {
      const reason = why.split('\n    at')[0]?.replaceAll(`${place.folder}/`, '').split('\n')[0];
      return [`${status}: ${title}`, ...(reason ? [reason] : [])].join(' -> ');
    });
}

const document = `
<!-- prose: blocks=9 -->

\`\`\`console
$ echo right
right
\`\`\`

\`\`\`console
$ echo wrong
right
\`\`\`

\`\`\`console needs=tool:nosuch
$ nosuch
\`\`\`

\`\`\`console needs=root
# ip link add prose0 type veth peer name prose1
\`\`\`
`;

check('each block is a test of its own, by its first command', { needs: ['root'] }, context => {
  // The guard names what the ledger does not know, and leaves it to whoever made it.
  context.hold({ [Symbol.dispose]: () => void spawnSync('ip', ['link', 'delete', 'prose0']) });
  expect(told(document)).toEqual([
    'failed: the prose has as many console blocks as it says -> ' +
      'Error: README.md has 4 console blocks, and says that it has 9',
    'passed: the code in the prose is that of the source',
    'passed: $ echo right',
    'failed: $ echo wrong -> Error: README.md:11: the output of $ echo wrong',
    'skipped: $ nosuch',
    'failed: $ ip link add prose0 type veth peer name prose1 -> Error: ' +
      'the host was left changed: link prose0 appeared; link prose1 appeared',
    'passed: both languages show the same commands, outputs and code',
  ]);
});
