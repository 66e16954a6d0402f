// The documented experiments as a reader starts them: run.ts, in a process of its own.
//
// All of them run once as root, and once as an ordinary user.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeAll, describe, expect } from 'vitest';
import { firstUnmet, type Outcome, type Requirement } from '@slipway/lab';
import { check, type CheckContext } from '@slipway/lab/check.ts';
import {
  experimentsMs,
  experimentTests,
  judgeOutcome,
  outcomesOf,
} from '@slipway/lab/suites/experiments.ts';

const folder = import.meta.dirname;

const ids = [
  ...['pid', 'process', 'uts', 'ipc', 'mount', 'net', 'user'],
  ...['kernel', 'vm', 'time', 'cgroup', 'enter'],
];

/** What root puts before a command to run it as nobody. */
const asNobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
const needsForNobody: readonly Requirement[] = ['root', 'tool:setpriv'];

experimentTests({ folder, ids, files: ids.length });

describe('for an ordinary user the experiment', () => {
  const outcomes = new Map<string, Outcome>();
  const inUserNamespace = ids.filter(id => id !== 'vm' && id !== 'cgroup');
  beforeAll(async () => {
    if (firstUnmet(needsForNobody) === undefined && (await isReadableForNobody())) {
      const only = [...inUserNamespace, 'cgroup'].flatMap(id => ['--only', id]);
      const found = await outcomesOf(folder, only, asNobody);
      for (const outcome of found) outcomes.set(outcome.id, outcome);
    }
  }, experimentsMs);

  for (const id of inUserNamespace) {
    check(
      `${id} holds in a user namespace`,
      { needs: needsForNobody },
      async context => {
        await skipIfHidden(context);
        judgeOutcome(context, folder, outcomes.get(id));
      },
    );
  }

  check(
    'cgroup is NOT RUN, and says how to run it',
    { needs: needsForNobody },
    async c => {
      await skipIfHidden(c);
      const { verdict, command } = outcomes.get('cgroup') ?? {};
      expect(verdict).toBe('NOT RUN');
      expect(command).toBe('sudo npx tsx chapters/01-namespaces/run.ts --only cgroup');
    },
  );
});

/** A tree in root's home is not for others to read. */
async function isReadableForNobody(): Promise<boolean> {
  const [program, ...args] = [...asNobody, 'test', '-r', `${folder}/run.ts`];
  return promisify(execFile)(program, args).then(
    () => true,
    () => false,
  );
}

async function skipIfHidden(context: CheckContext): Promise<void> {
  if (await isReadableForNobody()) return;
  context.skip(`NOT RUN: an ordinary user cannot read ${folder}: clone it elsewhere`);
}
