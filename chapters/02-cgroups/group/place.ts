// Where groups are made: `slipway/NAME` below the top of each hierarchy.
//
// - placeOf(host, hierarchy, parent, name): the base from which to make it, and its
//   directory
// - checkName(name)
//
// Below the top that this process sees, and not below its own group, for three reasons:
// - Version 2 lets a group with processes in it hand nothing down, and our own group
//   has at least us in it. Only the top is exempt.
// - What is below a login's or a service's group dies with it (systemd kills the whole
//   tree); a container has to outlive the shell and the daemon that started it.
// - A process can sit in another group in each hierarchy; the path is the same in all.
// Docker does the same (/docker/ID). Who may not write there (a user with a delegated
// group) gets `slipway/NAME` below the own group, and no more than was delegated. In a
// container "the top" is what its cgroup mount shows, so nesting needs nothing more.

import { ControlGroupError } from './errors.ts';
import type { Hierarchy } from '../hierarchies/hierarchies.ts';
import type { Host } from '../hierarchies/host.ts';

export const defaultParent = 'slipway';

export type Place =
  | { readonly base: string; readonly directory: string }
  | { readonly unusable: string };

export function placeOf(
  host: Host,
  hierarchy: Hierarchy,
  parent: string,
  name: string,
): Place {
  const { mountPoint, own, readOnly } = hierarchy;
  if (readOnly) return { unusable: `${mountPoint} is mounted read-only here` };
  // Who moved aside (move-aside.ts) is one group further down than what was delegated.
  const delegated = own?.replace(/\/aside$/, '');
  const base = [mountPoint, delegated].find(
    one => one !== undefined && host.mayWrite(one),
  );
  if (base === undefined) {
    return {
      unusable:
        `no group below ${mountPoint} belongs to you: become root, or have one ` +
        'delegated (systemd-run --user --scope -p Delegate=yes COMMAND)',
    };
  }
  return { base, directory: `${base}/${parent}/${name}` };
}

/**
 * A group's files and its sub-groups share one folder, and the files all have a dot
 * (`memory.max`) or are `tasks` and two more: a name without a dot meets none of the
 * former.
 * @throws OPTION
 */
export function checkName(name: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/.test(name)) return;
  throw new ControlGroupError(
    'OPTION',
    `${JSON.stringify(name)} cannot name a control group: write 1 to 128 letters, ` +
      'digits, _ or -, a letter or digit first',
  );
}

/** @throws OPTION; a parent is one or more names, as in `slipway` or `teams/blue` */
export function checkParent(parent: string): void {
  for (const name of parent.split('/')) checkName(name);
}
