/**
 * The network of a container: how long it takes to set up, and how much goes through it.
 *
 *   npx tsx bench/network.ts [--rounds N] [--seconds N]
 *
 * Set-up: the cable, the addresses, the routes and one published port, for a process that waits
 * in a namespace of its own; beside it the same by ip(8) and nft(8), in turn. Throughput: TCP from
 * a client to the host over a bare cable, and through the published port to a container, in turn.
 * All of it in network namespaces of its own. Compare ratios.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect as dial, createServer } from 'node:net';
import { parseArgs } from 'node:util';
import { openNetlink } from '@slipway/native';
import { admitNetwork, unpublish, type Published } from '@slipway/network/firewall/elements.ts';
import { loadTable } from '@slipway/network/firewall/load.ts';
import { formatIp, parseSubnet, type Ip } from '@slipway/network/ipam/address.ts';
import { newAddress } from '@slipway/network/links/addresses.ts';
import { newBridge } from '@slipway/network/links/bridge.ts';
import { findLink } from '@slipway/network/links/link.ts';
import { macOf } from '@slipway/network/links/mac.ts';
import { connect, openNetwork } from '@slipway/network/network/endpoint.ts';
import { ipv6SubnetFor } from '@slipway/network/network/host.ts';
import { makeWorld } from '@slipway/network/world/world.ts';
import { describeMachine } from './measure/machine.ts';
import { summarize } from './measure/statistics.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '2' },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const [role, ...words] = positionals;

const subnet4 = parseSubnet('172.30.0.0/16');
const network = {
  name: 'bench',
  bridge: 'slipway-bench',
  subnet4,
  subnet6: ipv6SubnetFor(subnet4),
  mtu: 1500,
};

if (role === 'set-up') await measureSetUp();
else if (role === 'sink') sink();
else if (role === 'source') source(words[0] ?? '', Number(words[1]));
else await measureAll();

async function measureAll(): Promise<void> {
  const script = ['--import', 'tsx', `${import.meta.dirname}/network.ts`];
  const self = (...rest: string[]): string[] => [process.execPath, ...script, ...rest];
  // The set-up gets a whole namespace for itself.
  const alone = self('set-up', '--rounds', values.rounds);
  execFileSync('unshare', ['--net', ...alone], { stdio: 'inherit' });
  await using world = await makeWorld();
  const { client, host } = world;
  const start = (enter: readonly string[], ...rest: string[]): ChildProcess => {
    const [program = '', ...further] = [...enter, ...rest];
    return spawn(program, further, { stdio: ['ignore', 'pipe', 'inherit'] });
  };
  const run = `${import.meta.dirname}/../chapters/06-network/run.ts`;
  const node = [process.execPath, '--import', 'tsx', run, '--network', 'bridge'];
  const bare = start(host.enter, ...self('sink', '7001'));
  const inside = start(host.enter, ...node, '-p', '7002:7001', '--', ...self('sink', '7001'));
  for (const child of [bare, inside]) await once(child.stdout ?? child, 'data');
  const rates = new Map<string, number[]>();
  for (let turn = 0; turn < 6; turn += 1) {
    const port = turn % 2 === 0 ? '7001' : '7002';
    const lasting = ['--seconds', values.seconds];
    const sender = start(client.enter, ...self('source', '198.51.100.1', port, ...lasting));
    const [said] = await once(sender.stdout ?? sender, 'data');
    rates.set(port, [...(rates.get(port) ?? []), Number(String(said))]);
  }
  for (const [port, name] of [
    ['7001', 'a bare cable'],
    ['7002', 'through the published port and the bridge'],
  ] as const) {
    console.log(
      `${name}: ${(rates.get(port) ?? []).map(rate => rate.toFixed(1)).join(', ')} Gbit/s`,
    );
  }
  console.log(describeMachine());
  bare.kill();
  inside.kill('SIGTERM');
}

function sink(): void {
  const server = createServer(socket => socket.resume());
  server.listen(7001, '::', () => console.log('listening'));
  process.on('SIGTERM', () => process.exit());
}

/** Prints what it has sent, in gigabits a second. */
function source(address: string, port: number): void {
  const piece = Buffer.alloc(1 << 20);
  const socket = dial(port, address);
  let sent = 0;
  const began = performance.now();
  const fill = (): void => {
    do {
      sent += piece.length;
      if (performance.now() - began > seconds * 1000) return finish();
    } while (socket.write(piece));
  };
  const finish = (): void => {
    const bits = (sent - socket.writableLength) * 8;
    console.log(String(bits / 1e6 / (performance.now() - began)));
    process.exit();
  };
  socket.on('drain', fill);
  socket.on('connect', fill);
}

async function measureSetUp(): Promise<void> {
  using route = openNetlink('route');
  using firewall = openNetlink('netfilter');
  loadTable();
  const gateway: Ip = { version: 4, value: subnet4.base + 1n };
  route.talk([newBridge(network.bridge, 1500, macOf(gateway))]);
  const index = findLink(route, network.bridge)?.index ?? 0;
  const gateway6: Ip = { version: 6, value: network.subnet6.base + 1n };
  route.talk([newAddress(index, gateway, 16), newAddress(index, gateway6, 64)]);
  admitNetwork(firewall, network);
  const times: Record<'ours' | 'tools', number[]> = { ours: [], tools: [] };
  for (let round = -5; round < rounds; round += 1) {
    for (const who of ['ours', 'tools'] as const) {
      const ip: Ip = { version: 4, value: subnet4.base + BigInt(round * 2 + 20) };
      const port = portFor(ip, round);
      const child = spawn('unshare', ['--net', 'sh', '-c', 'echo; exec sleep 60']);
      await once(child.stdout, 'data');
      const began = performance.now();
      if (who === 'ours') {
        using inside = openNetwork(child.pid ?? 0);
        connect({ route, firewall }, { network, ip, ports: [port] }, inside);
      } else byTools(child.pid ?? 0, ip, port);
      const took = performance.now() - began;
      if (round >= 0) times[who].push(took * 1e6);
      unpublish(firewall, [port]);
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
  for (const [who, name] of [
    ['ours', 'set up by netlink'],
    ['tools', 'the same by ip(8) and nft(8)'],
  ] as const) {
    console.log(`${name}: median ${(summarize(times[who]).median / 1e6).toFixed(2)} ms`);
  }
}

function portFor(container: Ip, round: number): Published {
  const hostPort = 10_000 + round + 10;
  return { protocol: 'tcp', host: undefined, hostPort, container, containerPort: 80 };
}

function byTools(pid: number, ip: Ip, { hostPort }: Published): void {
  const at = formatIp(ip);
  const enter = `nsenter --target ${pid} --net`;
  const lines = [
    `ip link add veth${hostPort} mtu 1500 master slipway-bench type veth ` +
      `peer name eth0 netns ${pid}`,
    `ip link set veth${hostPort} up`,
    `${enter} ip -batch - <<END`,
    'link set lo up',
    'link set eth0 up',
    `address add ${at}/16 dev eth0`,
    'route add default via 172.30.0.1',
    'END',
    `nft add element inet slipway everywhere4 '{ tcp . ${hostPort} : ${at} . 80 }'`,
  ];
  execFileSync('sh', ['-ec', lines.join('\n')], { stdio: ['ignore', 'ignore', 'inherit'] });
}
