// Experiment 3, UTS: a host name of its own.
//
// - renamed inside, unchanged outside
// - the trap: a new process without a flag of its own renames its parent
// - the mistake that would rename the host is refused before anything runs
//
// Source: uts_namespaces(7).

import { hostname } from 'node:os';
import { experiment, type Lab } from '@slipway/lab';
import { UsageError } from '../runtime/options.ts';
import { startContainer } from './apparatus/conversation.ts';
import { toIsolate, unshare } from './apparatus/rights.ts';

export const uts = experiment(
  'uts',
  'A name that stays inside',
  toIsolate,
  async lab => {
    const before = hostname();
    await renameInside(lab);
    await childrenShare(lab);
    const container = await startContainer(lab, ['--uts', '--hostname', 'box']);
    const [inside] = await container.ask('hostname');
    lab.expect({
      claim: 'our runtime names the container, and the host keeps its name',
      expected: `box inside, ${before} outside`,
      observed: `${inside} inside, ${hostname()} outside`,
      holds: inside === 'box' && hostname() === before && before !== 'box',
    });
    await refuseToRenameTheHost(lab);
  },
);

async function renameInside(lab: Lab): Promise<void> {
  lab.say(
    'The smallest namespace first. It holds two strings, and one is the host name.',
  );
  const inside = await lab.shell`${unshare('--uts')} sh -c 'hostname box; hostname'`;
  const outside = await lab.shell`hostname`;
  const [its, ours] = [inside.stdout.trim(), outside.stdout.trim()];
  lab.expect({
    claim: 'the host name changes inside only',
    expected: `box inside, something else outside`,
    observed: `${its} inside, ${ours} outside`,
    holds: its === 'box' && ours !== 'box',
  });
}

/** A new process is not a new view: the flag is what counts. */
async function childrenShare(lab: Lab): Promise<void> {
  lab.say(
    'Is it the new process that protects the host? Then a child should not be able ' +
      'to rename its parent. (In a namespace of its own, so that your host is safe.)',
  );
  const { stdout } = await lab.shell`${unshare('--uts')} sh -c '
    hostname parent
    sh -c "hostname child"
    hostname'`;
  lab.say(
    'It can. A child shares every view of its parent, unless it asks for its own.',
  );
  lab.expect({
    claim: 'a process without a flag of its own shares the view',
    expected: 'child',
    observed: stdout.trim(),
    holds: stdout.trim() === 'child',
  });
}

/** The one mistake that would reach the host is refused before anything runs. */
async function refuseToRenameTheHost(lab: Lab): Promise<void> {
  lab.say('Without --uts this very command would rename your machine. Try:');
  const refusal = await startContainer(lab, ['--hostname', 'box']).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(refusal instanceof UsageError)) throw refusal;
  lab.show([refusal.message]);
  lab.expect({
    claim: 'a host name without a UTS namespace is refused',
    expected: 'a refusal that names --uts',
    observed: refusal.message,
    holds: refusal.message.includes('--uts'),
  });
}
