// What the tests on a real kernel share.
//
// - root, needs(context, …controllers): what a test needs, else it is NOT RUN
// - make(limits), startIn(group, script): a group, and a process in it
//
// Names are unique, so that two runs at once do not meet.

import type { CheckContext, CheckOptions } from '@slipway/lab/check.ts';
import { createGroup } from './control-groups.ts';
import { linuxControlGroups } from './machine.ts';
import type { Controller } from '../hierarchies/controllers.ts';
import type { Group } from './group.ts';
import type { Limits } from '../limits/limits.ts';
import { startWaiting, type WaitingProcess } from './waiting-process.ts';

export const root: CheckOptions = { needs: ['root'] };

/** The rest of a test needs these controllers, in whichever world. */
export function needs(context: CheckContext, ...controllers: Controller[]): void {
  for (const controller of controllers) {
    const found = linuxControlGroups().hierarchies.of[controller];
    if (found.world !== 'absent') continue;
    context.skip(`NOT RUN: needs the controller ${controller}: ${found.reason}`);
  }
}

export const unique = (): string =>
  `test-${process.pid}-${Math.random().toString(36).slice(2)}`;

export function make(limits: Limits = {}): Promise<Group> {
  return createGroup(linuxControlGroups(), { name: unique(), limits });
}

export async function startIn(group: Group, script: string): Promise<WaitingProcess> {
  const running = startWaiting(script);
  await group.attach(running.pid);
  running.go();
  return running;
}

export const mebibyte = 2 ** 20;
