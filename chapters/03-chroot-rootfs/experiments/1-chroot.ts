// Experiment 1: the classic one, literally: bash, ls, their libraries, chroot.
// The trap in it is shown, not warned of: the list of libraries was made for ls.
// Sources: chroot(1), ldd(1), ld.so(8); the Chinese introductions to Docker.

import { experiment, type Lab } from '@slipway/lab';
import { run } from './run-command.ts';

export const chroot = experiment(
  'chroot',
  'bash and ls in a folder, and what they miss there',
  ['root', 'tool:chroot', 'tool:ldd', 'tool:ls'],
  async lab => {
    useScratchHome(lab, await lab.scratch());
    await fallIntoTheTrap(lab);
    await readTheError(lab);
    await climbOut(lab);
    await packInstead(lab);
  },
);

/** The classic text works in $HOME; what it makes there must not stay. */
function useScratchHome(lab: Lab, folder: string): void {
  const before = process.env['HOME'];
  lab.hold({
    [Symbol.dispose]: () => {
      if (before === undefined) delete process.env['HOME'];
      else process.env['HOME'] = before;
    },
  });
  process.env['HOME'] = folder;
}

async function fallIntoTheTrap(lab: Lab): Promise<void> {
  lab.say(
    'The classic example, word for word ($HOME is a scratch folder here). A folder, ' +
      'two programs, the libraries that ldd names, and a new root:',
  );
  await lab.shell`mkdir -p $HOME/test
    mkdir -p $HOME/test/{bin,lib64,lib}
    cp -v /bin/{bash,ls} $HOME/test/bin`;
  const copied = await lab.shell`T=$HOME/test
    list="$(ldd /bin/ls | egrep -o '/lib.*\\.[0-9]')"
    for i in $list; do cp -v "$i" "\${T}\${i}"; done`;
  const failed = copied.stderr.split('\n').filter(line => /cannot create/.test(line));
  lab.say(
    failed.length === 0
      ? 'All were copied: this system has its libraries in /lib itself.'
      : 'The text was written where libraries lie in /lib itself. Here they have a ' +
          'folder of their own, and nobody has made it. cp can:',
  );
  await lab.shell`T=$HOME/test
    for i in $(ldd /bin/ls | egrep -o '/lib.*\\.[0-9]'); do cp --parents "$i" $T; done
    find $T -type f | wc -l`;
}

async function readTheError(lab: Lab): Promise<void> {
  lab.say('bash, ls, the loader, all that ldd named. What will ls / show in there?');
  const bash = await lab.shell`chroot $HOME/test /bin/bash -c 'ls /'`;
  const ls = await lab.shell`chroot $HOME/test /bin/ls /`;
  lab.say(
    'Whose libraries were they? The list was taken from ls; the program that ' +
      'starts is ' +
      'bash. The error names what it lacks, so read it to the end. (Where the loader ' +
      'itself is missing it says "No such file or directory" of a file that is there.)',
  );
  const missing = /libraries: ([^:]+):/.exec(bash.stderr)?.[1];
  lab.expect({
    claim: 'with the list of ls, ls runs and bash does not',
    expected: 'bash asks for a library, ls shows bin lib lib64',
    observed: `bash asks for ${missing ?? 'nothing'}, ls shows ${words(ls.stdout)}`,
    holds: missing !== undefined && words(ls.stdout) === 'bin lib lib64',
  });
}

async function climbOut(lab: Lab): Promise<void> {
  lab.say("So take bash's list as well:");
  await lab.shell`T=$HOME/test
    list="$(ldd /bin/bash | egrep -o '/lib.*\\.[0-9]')"
    for i in $list; do cp --parents "$i" $T; done`;
  const { stdout } = await lab.shell`chroot $HOME/test /bin/bash -c 'ls /'`;
  lab.expect({
    claim: 'in the new root, / is the folder',
    expected: 'bin lib lib64',
    observed: words(stdout),
    holds: words(stdout) === 'bin lib lib64',
  });
}

async function packInstead(lab: Lab): Promise<void> {
  lab.say(
    'ldd finds the list by running the program, or its loader: of a file from a ' +
      'stranger it makes a program that you have started. The names stand in the ' +
      'file, so `pack` reads them there, and follows each library to its own needs:',
  );
  await lab.shell`${run} pack $HOME/packed /bin/bash /bin/ls`;
  const { stdout } = await lab.shell`chroot $HOME/packed /bin/bash -c 'ls /'`;
  lab.expect({
    claim: 'a packed bash finds all that it needs',
    expected: 'bin lib lib64',
    observed: words(stdout),
    holds: words(stdout) === 'bin lib lib64',
  });
}

function words(text: string): string {
  return text.trim().split(/\s+/).join(' ');
}
