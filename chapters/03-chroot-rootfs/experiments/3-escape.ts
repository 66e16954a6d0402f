// Experiment 3: the way out of chroot, and pivot_root, out of which there is none.
// The escape is a file in the root, so that both roots hold the same prisoner.
// Sources: chroot(2), pivot_root(2).

import { readdirSync, writeFileSync } from 'node:fs';
import { experiment, type Lab } from '@slipway/lab';
import { packed, run } from './run-command.ts';

/** As a file in the root: `perl -e` would want a /dev/null, and there is no /dev. */
const program = `chroot "/deeper" or die "chroot: $!";
chdir ".." for 1 .. 64;
chroot ".";
opendir my $root, "/";
print join(" ", sort grep { !/^[.]/ } readdir $root), "\\n";
`;

export const escape = experiment(
  'escape',
  'Out of chroot, and not out of pivot_root',
  ['root', 'native', 'tool:perl', 'tool:chroot', 'tool:unshare', 'tool:pivot_root'],
  async lab => {
    const root = await packed(lab, 'perl');
    writeFileSync(`${root}/escape.pl`, program);
    const outside = await breakOut(lab, root);
    await failBehindPivotRoot(lab, root, outside);
    await whyInvalid(lab, root);
  },
);

async function breakOut(lab: Lab, root: string): Promise<string> {
  lab.say(
    'A root with perl in it, and a prisoner who is root. chroot is a mark on a ' +
      'process: ".." ends there. But it moves only the mark, and not the working ' +
      'directory. So: set the mark deeper, and walk up past it from where you stand.',
  );
  const { stdout } = await lab.shell`cat ${root}/escape.pl; mkdir ${root}/deeper
    LC_ALL=C chroot ${root} perl /escape.pl`;
  const seen = stdout.trim().split('\n').at(-1) ?? '';
  const names = readdirSync('/').filter(name => !name.startsWith('.'));
  const host = names.toSorted().join(' ');
  lab.expect({
    claim: 'root in a chroot sees the files of the host',
    expected: host,
    observed: seen,
    holds: seen === host,
  });
  return host;
}

async function failBehindPivotRoot(
  lab: Lab,
  root: string,
  outside: string,
): Promise<void> {
  lab.say(
    'Now the same program, the same user, the same folder, behind pivot_root. It ' +
      'does ' +
      'not set a mark: it puts the new root where the old one was mounted, and the ' +
      'old one is taken out of the table. Above / there is nothing.',
  );
  const { stdout } = await lab.shell`${run} --rootfs ${root} -- perl /escape.pl`;
  lab.expect({
    claim: 'behind pivot_root the same escape ends in the root',
    expected: 'deeper dev escape.pl lib lib64 proc sys usr',
    observed: stdout.trim(),
    holds: stdout.trim() !== outside && stdout.includes('deeper'),
  });
}

async function whyInvalid(lab: Lab, root: string): Promise<void> {
  lab.say(
    'By hand it is picky. It swaps mounts, and a folder is none; and it refuses to ' +
      'carry a swap over to peers, so the new root must not be shared:',
  );
  const busy = await lab.shell`cd ${root}; unshare --mount pivot_root . .`;
  lab.say(
    'Busy: . lies on the very mount that is the root. Inside another mount, a folder ' +
      'is an invalid argument:',
  );
  const folder = await lab.shell`cd ${root}; unshare --mount sh -c '
    mount -t tmpfs other deeper; mkdir deeper/new; cd deeper/new; pivot_root . .'`;
  const shared = await lab.shell`cd ${root}; unshare --mount sh -c '
    mount --bind . .; mount --make-shared .; cd $PWD; pivot_root . .'`;
  const works = await lab.shell`cd ${root}; unshare --mount sh -c '
    mount --bind . .; cd $PWD; pivot_root . . && echo swapped'`;
  const said = [busy, folder, shared].map(({ stderr }) =>
    /busy/.test(stderr) ? 'EBUSY' : /Invalid/.test(stderr) ? 'EINVAL' : 'nothing',
  );
  const observed = `${said.join(', ')}, ${works.stdout.trim()}`;
  lab.expect({
    claim: 'a plain folder and a shared mount are refused, a private mount is not',
    expected: 'EBUSY (EINVAL where /tmp is a mount), EINVAL, EINVAL, swapped',
    observed,
    holds: /^(EBUSY|EINVAL), EINVAL, EINVAL, swapped$/.test(observed),
  });
}
