/** What is refused of networks and endpoints, and in which words; nothing is made. */
import { expect, test } from 'vitest';
import { createSchema, newRecord, refuseRequest, type CreateNetwork } from './network/create.ts';
import { planNetworks } from './endpoint/plan.ts';
import { complaintOf } from './endpoint/validate.ts';
import { portWishes } from './ports/wishes.ts';
import { shownPorts } from './ports/published.ts';
import { parseIp, parseSubnet } from '../libcontainer/network.ts';
import { askedEndpointSchema } from './settings.ts';

const request = (body: object): CreateNetwork => createSchema.parse({ Name: 'n-one', ...body });
const ipam = (...Config: object[]) => ({ IPAM: { Config } });

test.each([
  [{ Name: 'bridge' }, 'operation is not permitted on predefined bridge network '],
  [{ Name: '' }, 'invalid name: '],
  [{ Name: 'default' }, 'operation is not permitted on predefined default network '],
  [{ Scope: 'swarm' }, 'cannot create a swarm scoped network when swarm is not active'],
  [{ Driver: 'nonsense' }, 'plugin "nonsense" not found'],
  [{ Driver: 'host' }, 'only one instance of "host" network is allowed'],
  [{ Driver: 'macvlan' }, 'the network driver macvlan is not supported by this engine'],
  [
    { Options: { 'com.docker.network.driver.mtu': 'x' } },
    'failed to parse com.docker.network.driver.mtu value: x (strconv.Atoi: parsing "x"',
  ],
  [
    ipam({ Subnet: '10.0.0.1/24', Gateway: '10.1.0.1', IPRange: '10.0.0.0/16' }),
    'invalid network config:\n' +
      '* invalid subnet 10.0.0.1/24: it should be 10.0.0.0/24\n' +
      '* invalid ip-range 10.0.0.0/16: CIDR block is bigger than its parent subnet 10.0.0.1/24\n' +
      "* invalid gateway 10.1.0.1: parent subnet 10.0.0.1/24 doesn't contain this address",
  ],
  [
    ipam({ Subnet: '10.0.0.0/33' }),
    'invalid network config:\ninvalid subnet 10.0.0.0/33: invalid CIDR block notation',
  ],
  [
    ipam({ Subnet: '10.0.0.0/24', AuxiliaryAddresses: { a: 'fd00::1' } }),
    'invalid auxiliary address a: parent subnet is an IPv4 block',
  ],
])('the network %j is refused', (body, why) => {
  expect(() => refuseRequest(request(body))).toThrow(why);
});

const place = {
  records: [],
  inUse: [{ subnet: parseSubnet('172.17.0.0/16'), by: 'docker0' }],
  created: '2026-01-01T00:00:00Z',
  mtu: 1500,
  ipv6For: () => parseSubnet('fd00::/64'),
};

test('a network without a subnet gets the first that nobody uses', () => {
  const record = newRecord(request({}), place);
  expect(record.ipam.config).toEqual([{ Subnet: '172.18.0.0/16', Gateway: '172.18.0.1' }]);
  expect(record.chosen).toEqual({ four: false, six: false });
});

test('an operator’s pools and options are those of networks that do not say', () => {
  const defaults = {
    pools: [{ base: '172.17.0.0/15', size: 17 }],
    options: { bridge: { 'com.docker.network.driver.mtu': '1400', a: 'b' } },
  };
  const Options = { a: 'c' };
  const record = newRecord(request({ Options }), { ...place, defaults });
  expect(record.ipam.config).toEqual([{ Subnet: '172.16.0.0/17', Gateway: '172.16.0.1' }]);
  expect(record.options).toEqual({ 'com.docker.network.driver.mtu': '1400', a: 'c' });
  expect(record.mtu).toBe(1400);
  const full = { ...defaults, pools: [{ base: '172.17.0.0/16', size: 24 }] };
  expect(() => newRecord(request({}), { ...place, defaults: full })).toThrow('could not find');
});

test('two networks of a name, or with the same addresses, are refused', () => {
  const record = newRecord(request(ipam({ Subnet: '10.1.0.0/16' })), place);
  const after = { ...place, records: [record] };
  expect(() => newRecord(request({}), after)).toThrow('network with name n-one already exists');
  expect(() =>
    newRecord(request({ Name: 'n-two', ...ipam({ Subnet: '10.1.2.0/24' }) }), after),
  ).toThrow('Pool overlaps with other one on this address space');
});

const asked = (body: object) => askedEndpointSchema.parse(body);
const at = (IPv4Address: string) => asked({ IPAMConfig: { IPv4Address } });

test.each([
  [at('bad'), '* invalid IPv4 address: bad\n* no configured subnet or ip-range contain the IP'],
  [at('10.99.0.1'), 'no configured subnet or ip-range contain the IP address 10.99.0.1'],
  [
    asked({ IPAMConfig: { IPv6Address: '::ffff:10.1.0.9' } }),
    '* invalid IPv6 address: ::ffff:10.1.0.9',
  ],
])('the endpoint %j is refused', (endpoint, why) => {
  const record = newRecord(request(ipam({ Subnet: '10.1.0.0/16' })), place);
  expect(complaintOf('n-one', endpoint, record)).toContain(`invalid endpoint settings:\n${why}`);
});

test('a hardware address that is none is refused', () => {
  const endpoint = asked({ MacAddress: '01:02' });
  expect(complaintOf('n-one', endpoint, undefined)).toBe('invalid MAC address 01:02');
});

test('two subnets of a version are too many, and may not overlap', () => {
  const two = (Subnet: string) =>
    request({ IPAM: { Config: [{ Subnet: '10.1.0.0/16' }, { Subnet }] } });
  expect(() => newRecord(two('10.1.1.0/24'), place)).toThrow('Pool overlaps with other one');
  expect(() => newRecord(two('10.2.0.0/16'), place)).toThrow(
    "bridge driver doesn't support multiple subnets",
  );
});

test('an address is only for networks whose subnet was chosen', () => {
  const record = newRecord(request({}), place);
  expect(complaintOf('n-one', at('172.18.0.9'), record)).toContain(
    'user specified IP address is supported only when connecting to networks with user configured',
  );
  expect(complaintOf('bridge', at('172.17.0.9'), undefined)).toContain(
    'user specified IP address is supported on user defined networks only',
  );
});

const config = { Hostname: '', Domainname: '', ExposedPorts: { '8080/tcp': {} } };
const hostConfig = {
  ...{ NetworkMode: 'default', PortBindings: null, PublishAllPorts: false, Dns: null },
  ...{ DnsOptions: null, DnsSearch: null, ExtraHosts: null, Links: null },
};

test('a container is on the default bridge, unless it says where', () => {
  const find = () => undefined;
  const plan = (mode: string, endpoints = {}) =>
    Object.keys(
      planNetworks({ config, hostConfig: { ...hostConfig, NetworkMode: mode }, endpoints }, find),
    );
  expect(plan('default')).toEqual(['bridge']);
  expect(plan('')).toEqual(['bridge']);
  expect(plan('bridge', { default: asked({}) })).toEqual(['bridge']);
  expect(plan('none')).toEqual(['none']);
  expect(plan('n-one', { 'n-one': asked({}), 'n-two': asked({}) })).toEqual(['n-one', 'n-two']);
  expect(plan('container:x')).toEqual([]);
});

test('ports are wanted one by one, as ranges, or all that are exposed', () => {
  const PortBindings = {
    '80/tcp': [
      { HostIp: '127.0.0.1', HostPort: '8080' },
      { HostIp: '', HostPort: '9000-9002' },
    ],
    '53/udp': [{ HostIp: '', HostPort: '' }],
  };
  const wishes = portWishes(
    { config, hostConfig: { ...hostConfig, PortBindings, PublishAllPorts: true } },
    '',
  );
  expect(wishes).toEqual([
    { protocol: 'udp', host: undefined, hostPort: undefined, containerPort: 53 },
    { protocol: 'tcp', host: parseIp('127.0.0.1'), hostPort: 8080, containerPort: 80 },
    {
      ...{ protocol: 'tcp', host: undefined, hostPort: undefined },
      ...{ among: { first: 9000, last: 9002 }, containerPort: 80 },
    },
    { protocol: 'tcp', host: undefined, hostPort: undefined, containerPort: 8080 },
  ]);
});

test.each([
  [{ '80/xyz': [] }, 'invalid proto: xyz'],
  [{ '0/tcp': [] }, 'invalid port specification: "0/tcp"'],
  [{ '80/tcp': [{ HostIp: 'x', HostPort: '' }] }, 'invalid IP address: x'],
  [{ '80/tcp': [{ HostIp: '', HostPort: '70000' }] }, 'Error parsing HostPort value(70000)'],
  [{ '80/tcp': [{ HostIp: '', HostPort: '9-8' }] }, 'Error parsing HostPort value(9-8)'],
])('the ports %j are refused', (PortBindings, why) => {
  const container = { config, hostConfig: { ...hostConfig, PortBindings } };
  expect(() => portWishes(container, '')).toThrow(why);
});

test('a port is shown at all addresses of both versions, and one that is not published as none', () => {
  const container = parseIp('172.17.0.2') ?? { version: 4 as const, value: 0n };
  const about = { protocol: 'tcp' as const, hostPort: 8080, containerPort: 80, container };
  const published = [
    { ...about, host: undefined },
    { ...about, host: { version: 6 as const, value: 0n } },
  ];
  expect(shownPorts(['80/tcp', '81/tcp'], published)).toEqual({
    '80/tcp': [
      { HostIp: '0.0.0.0', HostPort: '8080' },
      { HostIp: '::', HostPort: '8080' },
    ],
    '81/tcp': null,
  });
});
