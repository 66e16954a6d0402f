// Experiment 1: A{a,x} + B{b,x} → C{a,b,x}, and who writes where.
// The classic example, with every kind of union that this machine has.
// Sources: aufs(5), unionfs(8), overlayfs.rst.

import { experiment, unmet, type Lab } from '@slipway/lab';
import { recordedAufs, recordedBranches } from './recorded-aufs.ts';
import { observe, unions, type Observation } from './unions.ts';

export const union = experiment(
  'union',
  'A{a,x} and B{b,x} become C{a,b,x}',
  ['root', 'overlay', 'fuse', 'tool:tree', 'tool:unionfs-fuse'],
  async lab => {
    await classic(lab);
    await whoWroteWhere(lab);
  },
);

async function classic(lab: Lab): Promise<void> {
  const place = await lab.scratch();
  lab.say('Two folders, as the texts have them. Both hold an x:');
  await lab.shell`cd ${place}; mkdir A B C
    echo 'a of A' > A/a; echo 'x of A' > A/x; echo 'b of B' > B/b; echo 'x of B' > B/x
    tree A B`;
  lab.say(
    'The texts write `mount -t aufs -o dirs=./A:./B none ./C`. Few kernels have ' +
      'aufs; unionfs-fuse does the same in a process. How many x will there be, and ' +
      'whose?',
  );
  const { stdout } = await lab.shell`cd ${place}; unionfs-fuse A=RW:B=RW C
    tree C; cat C/x
    for name in a b x; do echo changed >> C/$name; done
    umount C; tail -n 1 A/a A/x B/b B/x`;
  const listed = [...stdout.matchAll(/(?:──|--) (\w+)/g)]
    .map(([, name]) => name)
    .join(' ');
  lab.expect({
    claim: 'the union has each name once, and the first branch wins',
    expected: 'a b x, with the x of A',
    observed: `${listed}${stdout.includes('x of A\n') ? ', with the x of A' : ''}`,
    holds: listed === 'a b x' && stdout.includes('x of A\n'),
  });
  const changed = [...stdout.matchAll(/==> (\S+) <==\n(changed)?/g)]
    .filter(([, , mark]) => mark !== undefined)
    .map(([, name]) => name)
    .join(' ');
  lab.expect({
    claim: 'a change to a, b or x in C takes effect in A and in B',
    expected: 'A/a A/x B/b',
    observed: changed,
    holds: changed === 'A/a A/x B/b',
  });
}

async function whoWroteWhere(lab: Lab): Promise<void> {
  lab.say(
    'That sentence holds because both branches may be written to. An image may not: ' +
      'it is shared. Who writes where, when C/b is written to, C/n is made, C/b is ' +
      'removed, C/x is removed?',
  );
  const place = await lab.scratch();
  const live = unions
    .filter(({ needs }) => unmet(needs) === undefined)
    .map(one => observe(place, one));
  const recorded = recordedAufs.filter(
    ({ union: name }) => !live.some(one => one.union === name),
  );
  const rows: readonly Observation[] = [...recorded, ...live];
  lab.show(rows.map(row => ({ ...row })));
  if (recorded.length > 0) {
    lab.say('This kernel has no aufs: its rows were recorded on one that has, with');
    lab.show(recordedBranches);
  }
  const byName = new Map(rows.map(row => [row.union, row]));
  const overlay = byName.get('overlayfs upper=A lower=B');
  const both = byName.get('unionfs-fuse A=RW:B=RW');
  lab.expect({
    claim: 'with both branches writable b is changed where it lies',
    expected: 'in place: B/b',
    observed: both?.wroteB ?? 'not tried',
    holds: both?.wroteB === 'in place: B/b',
  });
  lab.expect({
    claim: 'overlayfs copies b up, and B stays as it was',
    expected: 'copied up: A/b; removed: A/b = char 0:0',
    observed: `${overlay?.wroteB}; removed: ${overlay?.removedB}`,
    holds:
      overlay?.wroteB === 'copied up: A/b' && overlay.removedB === 'A/b = char 0:0',
  });
  const seen = new Set(rows.map(row => row.seen));
  lab.expect({
    claim: 'all of them show the same',
    expected: 'a b x',
    observed: [...seen].join('; '),
    holds: seen.size === 1 && seen.has('a b x'),
  });
}
