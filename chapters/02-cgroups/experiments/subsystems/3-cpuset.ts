// Experiment 3, cpuset: on which processors a group may run.
// Source: cpusets.rst in the kernel's documentation, cpuset(7).

import { experiment } from '@slipway/lab';
import { openHostShell } from '../apparatus/host-shell.ts';
import { directoryOf, makeGroup, need, worldOf } from '../apparatus/lab-groups.ts';
import { firstProcessor } from '../apparatus/processor-time.ts';
import { showTwins } from '../apparatus/twins.ts';

export const cpuset = experiment(
  'cpuset',
  'cpuset: one processor of several',
  ['root', 'tool:nproc'],
  async lab => {
    need(lab, 'cpuset');
    const group = await makeGroup(lab, {}, ['cpuset']);
    const v1 = worldOf('cpuset') === 'v1';
    const shell = await openHostShell(lab, { group });
    await shell.type(`cd ${directoryOf(group, 'cpuset')}`);
    if (v1) {
      lab.say('In version 1 a new group has no processor at all. Move into one:');
      await shell.type('mkdir inner; cat inner/cpuset.cpus');
      const answer = await shell.type('echo $$ > inner/cgroup.procs');
      lab.expect({
        claim: 'nobody can stand where there is no processor',
        expected: 'No space left on device',
        observed: answer.join(' ').split(': ').at(-1) ?? '',
        holds: answer.join(' ').endsWith('No space left on device'),
      });
      await shell.type('rmdir inner');
    }
    const [before = ''] = await shell.type('nproc');
    await shell.type(`echo ${firstProcessor()} > cpuset.cpus`);
    const [after = ''] = await shell.type('nproc');
    lab.expect({
      claim: 'the group runs on the processor that it was given, and nproc knows',
      expected: `${before} before, 1 after`,
      observed: `${before} before, ${after} after`,
      holds: after === '1',
    });
    showTwins(lab, worldOf('cpuset'), [
      ['cpuset.cpus', 'cpuset.cpus', 'the wish; in v1 needed'],
      ['cpuset.mems', 'cpuset.mems', 'memory nodes; the same'],
      ['cpuset.effective_cpus', 'cpuset.cpus.effective', 'what is'],
    ]);
  },
);
