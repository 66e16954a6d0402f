// Experiment 9: the modes are a question of which namespace.
// Source: network_namespaces(7), setns(2).

import { readlinkSync } from 'node:fs';
import { experiment } from '@slipway/lab';
import { makeWorld, type HostKind } from '../world/world.ts';
import { onHost, start } from './apparatus/places.ts';

export const modes = (kind: HostKind) =>
  experiment(
    'modes',
    'bridge, none, host, container: which namespace',
    ['root', 'native', 'nftables', 'tool:ip', 'tool:busybox'],
    async lab => {
      const world = lab.hold(await makeWorld(kind));
      const first = await start(lab, world, ['--network', 'bridge']);
      const theirs = readlinkSync(`/proc/${first.pid}/ns/net`);
      lab.say(
        'The host and a container in each of four modes say which network they are ' +
          'in; the container of --network container is that of the first line. Which ' +
          'of the five numbers are equal?',
      );
      const show = ['readlink', '/proc/self/ns/net'];
      const { stdout } = await lab.shell`
        ${world.host.enter} ${show}
        ${onHost(world)} --network host -- ${show}
        ${onHost(world)} --network container:${first.pid} -- ${show}
        ${onHost(world)} --network none -- ${show}
        ${onHost(world)} --network bridge -- ${show}`;
      const [host, asHost, asFirst, none, bridge] = stdout.trim().split('\n');
      lab.expect({
        claim: "host is the host's, container the other container's",
        expected: 'the same, the same',
        observed: [asHost === host, asFirst === theirs]
          .map(same => (same ? 'the same' : 'another'))
          .join(', '),
        holds: asHost === host && asFirst === theirs,
      });
      const others = [none, bridge].filter(one => one !== host && one !== theirs);
      lab.expect({
        claim: 'none and bridge are new ones',
        expected: 'neither is one of those',
        observed: others.length === 2 ? 'neither is one of those' : 'one of those',
        holds: others.length === 2,
      });
    },
  );
