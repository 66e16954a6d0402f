// Experiment 2: there is no container, there is a process with other views.
//
// - it stands in the host's process table
// - the inodes in /proc/PID/ns tell which of its eight views are its own
// - the trap: kill does nothing to a process 1 without a handler; kill -9 ends it
//
// Sources: namespaces(7), pid_namespaces(7), signal(7).

import { existsSync } from 'node:fs';
import { experiment, type Lab } from '@slipway/lab';
import { differing, kinds, readNamespaces } from '../container/namespaces.ts';
import { startContainer, type Container } from './apparatus/conversation.ts';
import { handles, statusField } from './apparatus/process-status.ts';
import { isRoot, toIsolate } from './apparatus/rights.ts';

export const aProcess = experiment(
  'process',
  'Where is the container?',
  toIsolate,
  async lab => {
    lab.say(
      'Here is a container, with a host name and a process table of its own. Where ' +
        'does the kernel keep it? Look for it.',
    );
    const flags = ['--pid', '--mount', '--uts', '--hostname', 'box'];
    const container = await startContainer(lab, flags);
    await findIt(lab, container);
    compareViews(lab, container);
    await endIt(lab, container);
  },
);

/** In the host's process table, like every other process. */
async function findIt(lab: Lab, { pid }: Container): Promise<void> {
  await lab.shell`ps -o pid,ppid,user,args -p ${pid}`;
  lab.say(
    'There it is: a child of this program, in the same table as your editor. The ' +
      'kernel has no list of containers beside it in which to look.',
  );
  const parent = Number(statusField(pid, 'PPid'));
  lab.expect({
    claim: "it stands in the host's process table, as our child",
    expected: `busybox, child of ${process.pid}`,
    observed: `${statusField(pid, 'Name')}, child of ${parent}`,
    holds: parent === process.pid && statusField(pid, 'Name') === 'busybox',
  });
}

/** Eight links in /proc/PID/ns are all that makes it different. */
function compareViews(lab: Lab, { pid }: Container): void {
  lab.say(
    'What makes it a container, then? Each process has eight views of the system, ' +
      'and each view has a number. Compare its eight with ours:',
  );
  const [ours, its] = [readNamespaces('self'), readNamespaces(pid)];
  lab.show(
    kinds.map(({ kind, link, isolates }) => ({
      view: link,
      ours: String(ours.get(kind)),
      its: ours.get(kind) === its.get(kind) ? 'the same' : String(its.get(kind)),
      'of what': isolates,
    })),
  );
  const wanted = ['mount', 'pid', ...(isRoot() ? [] : ['user']), 'uts'].join(' ');
  const observed = differing(ours, its).join(' ');
  lab.expect({
    claim: 'only the views that were asked for differ',
    expected: wanted,
    observed,
    holds: observed === wanted,
  });
}

/** Signals reach it from the host; but it is somebody's process 1. */
async function endIt(lab: Lab, container: Container): Promise<void> {
  const { child, pid } = container;
  lab.say('If it is a process, kill ends it. Predict what this does:');
  await lab.shell`kill ${pid}`;
  const [alive] = await container.ask('echo still here');
  lab.say(
    'Nothing! In its own namespace it is process 1, and to a process 1 the kernel ' +
      'delivers no signal for which it has set no handler: a machine whose init ' +
      'dies is lost. From outside SIGKILL and SIGSTOP get through; from inside not ' +
      'even they.',
  );
  const handled = handles(pid, 'SIGTERM');
  lab.expect({
    claim: 'process 1 without a handler outlives SIGTERM',
    expected: 'no handler, still here',
    observed: `${handled ? 'a' : 'no'} handler, ${alive ?? 'silent'}`,
    holds: !handled && alive === 'still here',
  });
  await lab.shell`kill -9 ${pid}`;
  const end = await child.wait();
  const gone = !existsSync(`/proc/${pid}`);
  const how = 'signal' in end ? end.signal : `status ${end.code}`;
  lab.expect({
    claim: 'SIGKILL from the host ends it, and no container is left without it',
    expected: `SIGKILL, no /proc/${pid}`,
    observed: `${how}, ${gone ? 'no' : 'still a'} /proc/${pid}`,
    holds: how === 'SIGKILL' && gone,
  });
}
