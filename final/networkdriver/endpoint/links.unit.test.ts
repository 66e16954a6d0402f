import { expect, test } from 'vitest';
import type { NetworkedContainer } from '../driver.ts';
import { linkEnvironment, linkLine, type Link } from './links.ts';

const link = (config: object, alias = 'my-db'): Link => ({
  ...{ alias, ip: '172.17.0.2' },
  other: {
    name: 'db',
    config: { Hostname: 'host', Domainname: '', ...config },
  } as NetworkedContainer,
});

test('a linked container is called by its alias, its host name and its own', () => {
  expect(linkLine(link({}))).toEqual({ ip: '172.17.0.2', names: ['my-db', 'host', 'db'] });
  expect(linkLine(link({}, 'db')).names).toEqual(['db', 'host']);
});

test('variables tell of the ports and the variables of a linked container', () => {
  const ports = { '90/udp': {}, '82/tcp': {}, '80/tcp': {}, '81/tcp': {} };
  const Env = ['PATH=/bin', 'HOME=/', 'A=1=2', 'B'];
  const told = linkEnvironment({ name: 'web' }, link({ ExposedPorts: ports, Env }));
  expect(told.filter(entry => !/_8[12]_|_ADDR=|_PROTO=/.test(entry))).toEqual([
    'MY_DB_PORT=tcp://172.17.0.2:80',
    'MY_DB_PORT_80_TCP_START=tcp://172.17.0.2:80',
    'MY_DB_PORT_80_TCP_PORT_START=80',
    'MY_DB_PORT_80_TCP_END=tcp://172.17.0.2:82',
    'MY_DB_PORT_80_TCP_PORT_END=82',
    'MY_DB_PORT_80_TCP=tcp://172.17.0.2:80',
    'MY_DB_PORT_80_TCP_PORT=80',
    'MY_DB_PORT_90_UDP=udp://172.17.0.2:90',
    'MY_DB_PORT_90_UDP_PORT=90',
    'MY_DB_NAME=/web/my-db',
    'MY_DB_ENV_A=1=2',
  ]);
});
