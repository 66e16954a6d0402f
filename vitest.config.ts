/**
 * How the tests run: two kinds of file, told apart by name.
 *
 * - `*.test.ts`       the default. It may touch the one kernel that this machine has (mounts,
 *                     links, control groups): one after the other, and nothing runs beside.
 * - `*.unit.test.ts`  touches only memory and folders of its own: these run in parallel, first.
 *
 * Invariant: who forgets to choose gets the safe kind. `workshop/test.ts` is the way in.
 */
import { defineConfig } from 'vitest/config';
import { SentenceReporter } from './workshop/tests/reporter.ts';

/** An emulated machine is slower by this; workshop/vm sets it in its guests. */
const slow = Number(process.env['SLIPWAY_SLOW'] ?? 1);

const never = [
  '**/node_modules/**',
  '**/.cache/**',
  '**/target/**',
  '**/dist/**',
  '**/exercise/**',
];

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['**/*.unit.test.ts'],
          exclude: never,
          maxWorkers: '100%',
          sequence: { groupOrder: 0 },
          testTimeout: 60_000 * slow,
          hookTimeout: 60_000 * slow,
        },
      },
      {
        extends: true,
        test: {
          name: 'kernel',
          include: ['**/*.test.ts'],
          exclude: [...never, '**/*.unit.test.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
          testTimeout: 120_000 * slow,
          hookTimeout: 120_000 * slow,
        },
      },
    ],
    reporters: [new SentenceReporter()],
    // A forgotten `.only` would silently leave out every other test.
    allowOnly: false,
    passWithNoTests: false,
  },
});
