// Experiment 5: out by the gateway, under the host's name.
// Source: nft(8), masquerade.

import { experiment } from '@slipway/lab';
import { addresses, makeWorld, type HostKind } from '../world/world.ts';
import { serveOutside } from './apparatus/outside.ts';
import { lastLine, onHost, start, whoServer } from './apparatus/places.ts';

export const masquerade = (kind: HostKind) =>
  experiment(
    'masquerade',
    'Outwards: the outside sees the host',
    ['root', 'native', 'nftables', 'tool:ip', 'tool:busybox', 'tool:curl'],
    async lab => {
      const world = lab.hold(await makeWorld(kind));
      const web = { table: 'tcp6', port: 80 } as const;
      await serveOutside(lab, world, await whoServer(lab), web);
      lab.say(
        'The outside runs a server that says who has asked. It knows its own cable ' +
          'and ' +
          'nothing of 172.30.0.0/16. What will it say to a container?',
      );
      const url = `http://${addresses.outside}/cgi-bin/who`;
      const seen =
        await lab.shell`${onHost(world)} --network bridge -- curl -sgm 5 ${url}`;
      lab.expect({
        claim: 'the outside sees the address of the host, not that of the container',
        expected: `you are ${addresses.hostOutside}`,
        observed: lastLine(seen.stdout),
        holds: lastLine(seen.stdout) === `you are ${addresses.hostOutside}`,
      });
      lab.say('Now without it: the rules that change the source are taken away.');
      const { pid } = await start(lab, world, ['--network', 'bridge']);
      const plain = await lab.shell`
        ${world.host.enter} nft flush chain inet slipway leaving
        ${onHost(world)} enter ${pid} -- curl -sgm 3 ${url}`;
      const answered = plain.stdout.includes('you are');
      lab.expect({
        claim: 'without a change of the source no answer finds its way',
        expected: 'no answer',
        observed: answered ? lastLine(plain.stdout) : 'no answer',
        holds: !answered,
      });
    },
  );
