// The experiments of chapter 03, in the order of the prose.
// Each stands in a file of its own, numbered as the section that it belongs to.
//

import type { Experiment } from '@slipway/lab';
import { chroot } from './1-chroot.ts';
import { mount } from './2-mount.ts';
import { escape } from './3-escape.ts';
import { rootfs } from './4-rootfs.ts';
import { application, consistency } from './5-consistency.ts';
import { kernel } from './6-kernel.ts';

export const experiments: readonly Experiment[] = [
  chroot,
  mount,
  escape,
  rootfs,
  consistency,
  application,
  kernel,
];
