// Experiment 6: two images on one base: what is stored, and what copies would cost.
// The same two images in two stores: with overlay, and with plain copies (vfs).

import { experiment } from '@slipway/lab';
import { fiveFolders, run } from './run-command.ts';

export const shared = experiment(
  'shared',
  'Two images, one base, stored once',
  ['root', 'native', 'overlay', 'tool:busybox'],
  async lab => {
    const place = await fiveFolders(lab);
    const [root, copies] = [`${place}/layers`, `${place}/copies`];
    const at = (...names: readonly string[]): readonly string[] =>
      names.map(name => `${place}/${name}`);
    lab.say('Two images. Both stand on base and lib; each has one layer of its own:');
    for (const [name, own] of [
      ['one', 'app'],
      ['two', 'etc'],
    ] as const) {
      await lab.shell`${run} build --root ${root} ${name} ${at('base', 'lib', own)}`;
      const folders = at('base', 'lib', own);
      await lab.shell`${run} build --root ${copies} --driver vfs ${name} ${folders}`;
    }
    const { stdout } =
      await lab.shell`${run} images --root ${root}; ls ${root}/overlay | wc -l`;
    const count = Number(stdout.trim().split('\n').at(-1));
    lab.expect({
      claim: 'three and three layers are four',
      expected: '4 stored',
      observed: `${count} stored`,
      holds: count === 4,
    });
    lab.say('On the disk, in kibibytes: layers that are shared, and whole copies.');
    const sizes = await lab.shell`du -sk ${root}/overlay ${copies}/vfs | cut -f 1`;
    const [layered = 0, copied = 0] = sizes.stdout.trim().split('\n').map(Number);
    lab.expect({
      claim: 'four whole trees would take almost four times the space',
      expected: 'more than 3 times',
      observed: `${(copied / layered).toFixed(1)} times`,
      holds: copied > 3 * layered,
    });
    lab.say('And containers? Two of the first image, each of which writes a file:');
    await lab.shell`${run} --root ${root} --image one --name first -- \\
      sh -c 'echo 1 > /file'
      ${run} --root ${root} --image one --name second -- \\
      sh -c 'echo 2 > /file'`;
    const more = await lab.shell`du -sk ${root}/overlay | cut -f 1`;
    const grown = Number(more.stdout) - layered;
    lab.expect({
      claim: 'two containers take a few blocks, not two images',
      expected: 'less than 200 KiB',
      observed: `${grown} KiB`,
      holds: grown < 200,
    });
  },
);
