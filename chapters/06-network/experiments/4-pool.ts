// Experiment 4: addresses from a pool: fifty at once, and half of them killed.

import { experiment, undoAll } from '@slipway/lab';
import { makeWorld, type HostKind } from '../world/world.ts';
import { onHost } from './apparatus/places.ts';
import { startWorkers } from './apparatus/workers.ts';

const count = 50;

export const pool = (kind: HostKind) =>
  experiment(
    'pool',
    'Fifty at once, and no address twice',
    ['root', 'native', 'nftables', 'tool:ip'],
    async lab => {
      const world = lab.hold(await makeWorld(kind));
      lab.say(
        `${count} processes want a place in the same network at the same time. There ` +
          'is ' +
          'no daemon whom they could ask: they share a book, and one writes at a time.',
      );
      const workers = await startWorkers(lab, world, count, 'many');
      const addresses = new Set(workers.map(({ address }) => address));
      lab.show([[...addresses].slice(0, 8).join(' ') + ' …']);
      lab.expect({
        claim: 'each has an address of its own',
        expected: `${count} addresses`,
        observed: `${addresses.size} addresses`,
        holds: addresses.size === count && !addresses.has('none'),
      });
      lab.say('Half of them are killed, with -9: they cannot give anything back.');
      const killed = workers.slice(0, count / 2);
      await Promise.all(killed.map(worker => worker.kill()));
      const { stdout } = await lab.shell`${onHost(world)} network reconcile | tail -n 3
        ${onHost(world)} network ls | grep -c many`;
      const left = stdout.trim().split('\n').at(-1);
      lab.expect({
        claim: 'whoever comes next strikes out what the dead have left',
        expected: `${count / 2} leases`,
        observed: `${left} leases`,
        holds: left === String(count / 2),
      });
      // Where a kernel binds no file of a mount that hangs nowhere (6.1) each had a
      // folder in /tmp. It stands in the ledger: `npm run clean` finds it, too.
      for (const { identity } of killed) {
        if (identity) await undoAll({ owner: identity });
      }
    },
  );
