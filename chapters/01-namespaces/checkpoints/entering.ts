// The checkpoint about a second process: what `docker exec` is.

import {
  namespaceOf,
  runSubject,
  startSubject,
  unless,
  type Checkpoint,
  type Subject,
} from '@slipway/lab/checkpoint.ts';

export const enteringCheckpoints: readonly Checkpoint[] = [
  {
    id: 'enter',
    sentence: 'a second process enters the same container',
    needs: ['root', 'tool:busybox'],
    examine: enter,
  },
];

const links = ['mnt', 'uts', 'ipc', 'net', 'pid'] as const;

async function enter(subject: Subject): Promise<void> {
  const options = ['--pid', '--mount', '--uts', '--ipc', '--net'];
  await using running = await startSubject(subject, options);
  const { application } = running;
  const files = links.map(link => `/proc/self/ns/${link}`);
  const words = ['enter', String(application), '--', 'readlink', ...files];
  const { stdout, stderr } = await runSubject(subject, words);
  const seen = stdout.trim().split('\n');
  unless(
    !/Cannot allocate memory|readlink: .*self/.test(stderr) && stdout.trim() !== '',
    'enter-fork-forgotten',
    'the process that entered is not in the container, only its children would be\n' +
      'setns with a PID namespace moves nobody: the next child is the first inside. ' +
      `What it said: ${stderr.trim() || 'nothing'}`,
  );
  const missed = links.filter(
    (link, index) => seen[index] !== namespaceOf(application, link),
  );
  unless(
    missed.length < links.length,
    'entered-nothing',
    'the process that should have entered is still outside, in every respect\n' +
      `setns wants each namespace of /proc/${application}/ns, or a pidfd and the ` +
      'flags.',
  );
  unless(
    missed.length === 0,
    'entered-partly',
    'the process that entered has another view than the container in: ' +
      `${missed.join(', ')}\n` +
      'compare /proc/self/ns with /proc/PID/ns: what differs has to be joined.',
  );
}
