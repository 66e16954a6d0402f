// Experiment 3, perf_event: perf counts what one group does.
// Sources: perf-stat(1) "-G", perf_event_open(2) PERF_FLAG_PID_CGROUP.

import { experiment } from '@slipway/lab';
import { closeHierarchy, openHierarchy } from '../apparatus/old-hierarchy.ts';
import { showTwins } from '../apparatus/twins.ts';

export const perfEvent = experiment(
  'perf-event',
  'perf_event: perf looks at one group',
  ['root', 'tool:perf'],
  async lab => {
    const shell = await openHierarchy(lab, 'perf_event');
    lab.say('A busy loop in the group, and perf for half a second, twice:');
    await shell.type('while : ; do : ; done &');
    const group = '-a -x , -e task-clock -G slipway-lab sleep 0.5';
    const before = await shell.type(`perf stat ${group}`);
    await shell.type('echo $! > cgroup.procs');
    const after = await shell.type(`perf stat ${group}`);
    await shell.type('kill %1; sleep 0.3');
    await closeHierarchy(shell);
    // 123.45,msec,task-clock,slipway-lab,…
    const [outside, inside] = [before, after].map(lines =>
      Number.parseFloat(lines[0] ?? ''),
    );
    if (Number.isNaN(inside)) lab.notRun(`perf says: ${after.join(' ')}`);
    lab.expect({
      claim: 'perf counts the processor time of the group, and of nobody else',
      expected: '0 ms without the loop, more than 20 ms with it',
      observed: `${(outside || 0).toFixed(0)} ms, ${inside?.toFixed(0)} ms`,
      holds: (outside || 0) < 1 && (inside ?? 0) > 20,
    });
    showTwins(lab, 'v1', [
      ['(no files: a hierarchy is enough)', '(every group)', 'perf stat -G GROUP'],
    ]);
  },
);
