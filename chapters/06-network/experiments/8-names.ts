// Experiment 8: names: the neighbours', the world's, and an answer that is too long.
// - a neighbour, somebody far away, and forty who share a name
// Source: RFC 1035, resolv.conf(5).

import { experiment, type Lab } from '@slipway/lab';
import { addresses, makeWorld, type HostKind, type World } from '../world/world.ts';
import { serveOutside } from './apparatus/outside.ts';
import { onHost, run, start } from './apparatus/places.ts';
import { startWorkers } from './apparatus/workers.ts';

const count = 40;

export const names = (kind: HostKind) =>
  experiment(
    'names',
    'Names: a server that lives outside and listens inside',
    ['root', 'native', 'nftables', 'tool:ip', 'tool:busybox'],
    async lab => {
      const world = lab.hold(await makeWorld(kind));
      const root = `${await lab.scratch()}/box`;
      await lab.shell`${run} busybox ${root}`;
      const server = `${import.meta.dirname}/apparatus/name-server.ts`;
      const far = ['far.example', '203.0.113.99'];
      const node = [process.execPath, '--import', 'tsx', server];
      const dns = { table: 'udp', port: 53 } as const;
      await serveOutside(lab, world, [...node, ...far], dns);
      await near(lab, world, root);
      await tooLong(lab, world);
    },
  );

async function near(lab: Lab, world: World, root: string): Promise<void> {
  const alias = ['--network', 'bridge', '--ip', '172.30.0.10', '--network-alias', 'db'];
  await start(lab, world, alias);
  lab.say('A second one looks for the first by name, and for somebody far away:');
  const options = [
    '--rootfs',
    root,
    '--network',
    'bridge',
    '--add-host',
    'old:10.0.0.7',
  ];
  const { stdout } = await lab.shell`
    ${onHost(world)} ${options} --dns ${addresses.outside} -- sh -c '
      cat /etc/resolv.conf; grep old /etc/hosts
      nslookup -type=a db; nslookup -type=a far.example'
    cat ${root}/etc/hosts ${root}/etc/resolv.conf 2>/dev/null | wc -c`;
  const found = [...stdout.matchAll(/^Address: ([\d.]+)$/gm)].map(([, ip]) => ip);
  lab.expect({
    claim: 'it knows its neighbours, and asks somebody else about the rest',
    expected: '172.30.0.10 203.0.113.99',
    observed: found.join(' '),
    holds: found.join(' ') === '172.30.0.10 203.0.113.99',
  });
  const server = 'nameserver 127.0.0.11';
  const ours = stdout.includes(server);
  const left = stdout.trim().split('\n').at(-1) ?? '';
  lab.expect({
    claim: 'what is mounted over /etc is not written into the root',
    expected: `${server} inside, 0 bytes in the folder`,
    observed: `${ours ? server : 'another one'} inside, ${left} bytes in the folder`,
    holds: ours && left === '0',
  });
}

async function tooLong(lab: Lab, world: World): Promise<void> {
  lab.say(`${count} containers share an alias. An answer over UDP has 512 bytes:`);
  await startWorkers(lab, world, count, 'many');
  const script = `${import.meta.dirname}/apparatus/ask-name.ts`;
  const { stdout } = await lab.shell`
    ${onHost(world)} --network bridge -- npx tsx ${script} many`;
  const observed = stdout.trim().split('\n').join(', ');
  lab.expect({
    claim: 'what is too long for UDP is cut short there and whole over TCP',
    expected: `udp 0 cut short, tcp ${count} whole`,
    observed,
    holds: observed === `udp 0 cut short, tcp ${count} whole`,
  });
}
