// Experiment 3: how a union says "gone", and what a first write costs.
// Whiteouts, opaque folders, copy-up, and the four places where one notices that this
// is no ordinary file system. Source: overlayfs.rst.

import { lstatSync, readFileSync, renameSync, statSync } from 'node:fs';
import { experiment, type Lab } from '@slipway/lab';

export const signs = experiment(
  'signs',
  'Whiteouts, opaque folders and copies',
  ['root', 'overlay', 'tool:getfattr'],
  async lab => {
    const place = await lab.scratch();
    await prepare(lab, place);
    await remove(lab, place);
    await copyUp(lab, place);
    await seams(lab, place);
    await lab.shell`umount ${place}/C`;
  },
);

async function prepare(lab: Lab, place: string): Promise<void> {
  lab.say('A lower folder that stands for an image, an empty one above it:');
  await lab.shell`cd ${place}; mkdir -p lower/folder upper work C
    echo one > lower/one; echo two > lower/two; echo in > lower/folder/in
    echo linked > lower/first; ln lower/first lower/second
    head -c 10M /dev/zero | tr '\\0' x > lower/big
    mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay C`;
}

async function remove(lab: Lab, place: string): Promise<void> {
  lab.say('The image may not change. So how does one delete a file of it?');
  await lab.shell`cd ${place}; rm C/one; rm -r C/folder; mkdir C/folder
    ls C lower; ls -l upper; getfattr -d -m trusted.overlay upper/folder`;
  const sign = lstatSync(`${place}/upper/one`);
  lab.expect({
    claim: 'a deleted file is a sign in the upper folder: a whiteout',
    expected: 'character device 0:0; lower/one still there',
    observed:
      `${sign.isCharacterDevice() ? 'character device' : 'file'} ` +
      `${sign.rdev >> 8}:${sign.rdev & 255}; ` +
      `lower/one ${statSync(`${place}/lower/one`).size > 0 ? 'still there' : 'empty'}`,
    holds: sign.isCharacterDevice() && sign.rdev === 0,
  });
  const { stdout } = await lab.shell`cd ${place}
      getfattr --only-values -n trusted.overlay.opaque upper/folder`;
  lab.expect({
    claim: 'a folder that was made anew hides the old one as a whole: it is opaque',
    expected: 'y',
    observed: stdout,
    holds: stdout === 'y',
  });
}

async function copyUp(lab: Lab, place: string): Promise<void> {
  lab.say('A file of ten mebibytes. One byte is added. How much is written?');
  await lab.shell`cd ${place}; du -sk upper; echo >> C/big; du -sk upper`;
  const { size } = statSync(`${place}/upper/big`);
  lab.expect({
    claim: 'the first write copies the whole file up',
    expected: '10485761 bytes above',
    observed: `${size} bytes above`,
    holds: size === 10_485_761,
  });
  lab.say('And if only the permissions change?');
  await lab.shell`cd ${place}; chmod 600 C/two; ls -l upper/two; cat upper/two`;
  const copied = readFileSync(`${place}/upper/two`, 'utf8');
  lab.expect({
    claim: 'a change of the mode copies the data, too',
    expected: 'two',
    observed: copied.trim(),
    holds: copied === 'two\n',
  });
}

async function seams(lab: Lab, place: string): Promise<void> {
  lab.say(
    'Three seams. A descriptor was opened on the lower file, before the copy was ' +
      'made. Which file does it read afterwards?',
  );
  const { stdout } = await lab.shell`cd ${place}; exec 3< C/first
    echo changed > C/first; cat <&3; cat lower/first C/second`;
  const [old, , second] = stdout.trim().split('\n');
  lab.expect({
    claim:
      'the copy: since Linux 4.19 a read goes on above (a memory mapping does not)',
    expected: 'changed',
    observed: old ?? '',
    holds: old === 'changed',
  });
  lab.expect({
    claim: 'two names of one file are two files after the copy',
    expected: 'first: changed, second: linked',
    observed: `first: changed, second: ${second}`,
    holds: second === 'linked',
  });
  await lab.shell`cd ${place}; mkdir -p lower/later; umount C
    mount -t overlay -o lowerdir=lower,upperdir=upper,workdir=work overlay C`;
  const renamed = codeOf(() => renameSync(`${place}/C/later`, `${place}/C/moved`));
  lab.expect({
    claim: 'a folder of the lower layer cannot be renamed (`mv` copies it instead)',
    expected: 'EXDEV',
    observed: renamed,
    holds: renamed === 'EXDEV',
  });
}

function codeOf(act: () => void): string {
  try {
    act();
    return 'renamed';
  } catch (error) {
    return error instanceof Error && 'code' in error
      ? String(error.code)
      : String(error);
  }
}
