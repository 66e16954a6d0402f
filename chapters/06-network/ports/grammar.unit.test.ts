import { expect, test } from 'vitest';
import { formatIp } from '../ipam/address.ts';
import { parsePublish } from './grammar.ts';

function shown(text: string): readonly string[] {
  return parsePublish(text).map(
    ({ protocol, host, hostPort, containerPort }) =>
      `${host ? formatIp(host) : '*'} ${hostPort ?? '?'} ${containerPort} ${protocol}`,
  );
}

test.each([
  ['8080:80', ['* 8080 80 tcp']],
  ['53:53/udp', ['* 53 53 udp']],
  ['127.0.0.1:8080:80', ['127.0.0.1 8080 80 tcp']],
  ['[::1]:8080:80/tcp', ['::1 8080 80 tcp']],
  ['0.0.0.0:8080:80', ['0.0.0.0 8080 80 tcp']],
  ['8000-8002:80-82', ['* 8000 80 tcp', '* 8001 81 tcp', '* 8002 82 tcp']],
  ['127.0.0.1::80', ['127.0.0.1 ? 80 tcp']],
  ['80', ['* ? 80 tcp']],
])('%s is read', (text, wishes) => {
  expect(shown(text)).toEqual(wishes);
});

test.each([
  ['8080:80/sctp', '-p 8080:80/sctp: the protocol sctp is neither tcp nor udp'],
  ['8000-8002:80', 'the ranges differ in length (3 for 1): each port needs its own'],
  ['8080:0', 'ports go from 1 to 65535'],
  ['70000:80', 'ports go from 1 to 65535'],
  ['8002-8000:80-82', 'the range 8002-8000 is empty'],
  ['web:8080:80', 'web is no address of this machine'],
  ['::1:8080:80', 'write [ip:]host:container[/udp], as in 8080:80'],
  ['', 'write [ip:]host:container[/udp]'],
  ['8080:80:', 'write [ip:]host:container[/udp]'],
  ['8-0-1:80', '8-0-1 is no port and no range of ports'],
])('%s is refused by name', (text, why) => {
  expect(() => parsePublish(text)).toThrow(why);
});
