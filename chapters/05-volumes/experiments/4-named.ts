// Experiment 4: volumes with names: they outlive containers, take over what the image
// has, and are shared by --volumes-from. Sources: docker-run(1), flock(2), rename(2).
// The volumes are kept in a scratch folder, and removed with it.

import { experiment, type Lab } from '@slipway/lab';
import { prepare, run, volumesRoot, waitFor, type Prepared } from './run-command.ts';

export const named = experiment(
  'named',
  'A volume with a name: filled once, kept, shared, refused while in use',
  ['root', 'native', 'tool:busybox'],
  async lab => {
    const place = await prepare(lab);
    const volumes = await volumesRoot(lab);
    await copyUp(lab, place, volumes);
    await kept(lab, place);
    await shared(lab, place);
  },
);

async function copyUp(lab: Lab, { root }: Prepared, volumes: string): Promise<void> {
  lab.say(
    'The root has an /etc with files. An empty folder of ours, bound onto it, ' +
      'would hide them. What does a new named volume show there?',
  );
  const { stdout } = await lab.shell`${run} volume create conf
    ${run} --rootfs ${root} --pid -v conf:/etc -- sh -c '
      echo $(ls /etc); rm /etc/group; touch /etc/mine'
    echo $(ls ${root}/etc); echo $(ls ${volumes}/conf/_data)`;
  const [, inside, image, volume] = stdout.trim().split('\n');
  lab.expect({
    claim: 'what the image has there is copied into an empty volume; the image stays',
    expected: 'group passwd inside and in the image, mine passwd in the volume',
    observed: `${inside} inside, ${image} in the image, ${volume} in the volume`,
    holds: inside === 'group passwd' && image === inside && volume === 'mine passwd',
  });
}

async function kept(lab: Lab, { root }: Prepared): Promise<void> {
  lab.say('The container has ended. The next one with the same volume: is group back?');
  const { stdout } =
    await lab.shell`${run} --rootfs ${root} --pid -v conf:/etc -- sh -c '
      echo $(ls /etc)'
    ${run} --rootfs ${root} --pid -v new:/etc:nocopy -- sh -c 'ls /etc | wc -l'
    ${run} volume ls`;
  const [etc, copied, , ...list] = stdout.trim().split('\n');
  const listed = list.map(line => line.split(/\s+/).at(-1));
  lab.expect({
    claim: 'a volume that holds anything is never filled again; nocopy never fills',
    expected: 'mine passwd; 0; conf and new are listed',
    observed: `${etc}; ${copied}; ${listed.join(' and ')} are listed`,
    holds:
      etc === 'mine passwd' && copied === '0' && /conf\n.*new$/.test(stdout.trim()),
  });
}

async function shared(lab: Lab, { root, home }: Prepared): Promise<void> {
  const seconds = String(100_000 + process.pid);
  lab.say(
    'A container that stays, with the volume and a folder. A second one is told ' +
      'no names, only the pid of the first: --volumes-from. And then the volume is ' +
      'to go:',
  );
  const first = lab.shell`${run} --rootfs ${root} --pid -v conf:/etc \\
    -v ${`${home}:/test`} -- sleep ${seconds}`;
  const pid = await waitFor(['sleep', seconds]);
  const { stdout } = await lab.shell`${run} --rootfs ${root} --pid \\
      --volumes-from ${`${pid}:ro`} -- sh -c '
      cat /test/letter; echo $(ls /etc); touch /etc/x' 2>&1
    ${run} volume rm conf 2>&1; kill -9 ${pid}`;
  await first;
  lab.expect({
    claim: 'the second has the same mounts, here to be read only',
    expected: 'from the host, mine passwd, Read-only file system',
    observed: stdout.trim().split('\n').slice(0, 3).join(', '),
    holds: /^from the host\nmine passwd\n.*Read-only file system/.test(stdout),
  });
  lab.expect({
    claim: 'a volume in use is refused, with the name of who uses it',
    expected: 'it is used by process N',
    observed: /it is used by process \d+/.exec(stdout)?.[0] ?? 'removed',
    holds: /it is used by process \d+/.test(stdout),
  });
  const after = await lab.shell`${run} volume rm conf new`;
  lab.expect({
    claim: 'the claim ended with the process that was killed',
    expected: 'conf new',
    observed: after.stdout.trim().split('\n').join(' '),
    holds: after.stdout === 'conf\nnew\n',
  });
}
