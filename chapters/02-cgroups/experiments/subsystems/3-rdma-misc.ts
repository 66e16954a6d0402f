// Experiment 3, rdma and misc: counted things that few machines have.
// Sources: rdma.rst, misc.rst in the kernel's documentation.

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { experiment, type Lab } from '@slipway/lab';
import type { Controller } from '../../hierarchies/controllers.ts';
import { openHostShell } from '../apparatus/host-shell.ts';
import { directoryOf, makeGroup, need } from '../apparatus/lab-groups.ts';

const infiniband = '/sys/class/infiniband';

export const rdma = experiment(
  'rdma',
  'rdma: handles of a network card with its own memory',
  ['root'],
  async lab => {
    need(lab, 'rdma');
    const cards = existsSync(infiniband) ? readdirSync(infiniband) : [];
    if (cards.length === 0) lab.notRun('the kernel can count it, but there is no card');
    await limitOne(lab, 'rdma', `${cards[0]} hca_handle=1`);
  },
);

export const misc = experiment(
  'misc',
  'misc: other things that are counted',
  ['root'],
  async lab => {
    need(lab, 'misc');
    const top = directoryOf(await makeGroup(lab, {}, ['misc']), 'misc');
    const capacity = `${top}/../../misc.capacity`;
    const [line = ''] = existsSync(capacity)
      ? readFileSync(capacity, 'utf8').split('\n')
      : [];
    if (line === '')
      lab.notRun('the kernel has nothing to count: misc.capacity is empty');
    await limitOne(lab, 'misc', `${line.split(' ')[0]} 1`);
  },
);

/** Writes a limit of one, and reads it back. */
async function limitOne(
  lab: Lab,
  controller: Controller,
  limit: string,
): Promise<void> {
  const group = await makeGroup(lab, {}, [controller]);
  const shell = await openHostShell(lab);
  await shell.type(`cd ${directoryOf(group, controller)}`);
  await shell.type(`echo '${limit}' > ${controller}.max`);
  const answer = await shell.type(`cat ${controller}.max`);
  lab.expect({
    claim: 'a limit of one is in force',
    expected: limit,
    observed: answer.join('; '),
    holds: answer.some(line => line.startsWith(limit)),
  });
}
