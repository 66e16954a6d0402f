import { decode, encode, type Question } from 'dns-packet';
import { expect, test } from 'vitest';
import { parseIp, type Ip } from '../ipam/address.ts';
import {
  answerFor,
  failure,
  fitting,
  limitOf,
  readQuery,
  type Names,
} from './answer.ts';
import { frame, framed } from './forward.ts';

function ip(text: string): Ip {
  const found = parseIp(text);
  if (found === undefined) throw new Error(text);
  return found;
}

const many = Array.from({ length: 40 }, (_, n) => ip(`172.30.0.${n + 2}`));
const names: Names = {
  addressesOf: name =>
    name === 'web' ? [ip('172.30.0.2'), ip('fd00::2')] : name === 'many' ? many : [],
  nameOf: ({ value }) => (value === ip('172.30.0.2').value ? 'web' : undefined),
};

function ask(name: string, type: Question['type']): ReturnType<typeof answerFor> {
  const query = readQuery(
    encode({ type: 'query', id: 7, questions: [{ type, name }] }),
  );
  return query && answerFor(query, names);
}

function data(name: string, type: Question['type']): readonly unknown[] | undefined {
  return ask(name, type)?.answers?.map(answer => ('data' in answer ? answer.data : ''));
}

test('a neighbour is known by name in each version, in any case, and backwards', () => {
  expect(data('web', 'A')).toEqual(['172.30.0.2']);
  expect(data('WEB', 'AAAA')).toEqual(['fd00::2']);
  expect(data('2.0.30.172.in-addr.arpa', 'PTR')).toEqual(['web']);
});

test('a known name without an address of that kind has no data; it is not unknown', () => {
  expect(data('many', 'AAAA')).toEqual([]);
  expect(data('web', 'MX')).toEqual([]);
});

test('of an unknown name nothing is said: somebody else is asked', () => {
  expect(ask('example.org', 'A')).toBeUndefined();
  expect(ask('9.9.9.9.in-addr.arpa', 'PTR')).toBeUndefined();
});

test('an answer that is too long for UDP is cut short and says so', () => {
  const answer = ask('many', 'A');
  if (answer === undefined) throw new Error('many is known');
  const short = decode(fitting(answer, 512));
  expect([short.flag_tc, short.answers?.length]).toEqual([true, 0]);
  const whole = decode(fitting(answer, 65_535));
  expect([whole.flag_tc, whole.answers?.length, whole.id]).toEqual([false, 40, 7]);
});

test('who offers room for longer packets gets longer ones', () => {
  const query = readQuery(
    encode({
      type: 'query',
      questions: [{ type: 'A', name: 'many' }],
      additionals: [
        {
          type: 'OPT',
          name: '.',
          udpPayloadSize: 4096,
          flags: 0,
          options: [],
        } as never,
      ],
    }),
  );
  expect(query && limitOf(query)).toBe(4096);
});

test('what is no query is no reason to stop', () => {
  expect(readQuery(Buffer.from('hello'))).toBeUndefined();
  expect(readQuery(encode({ type: 'response', id: 1 }))).toBeUndefined();
});

test('where nobody could be asked, that is what is said', () => {
  const query = readQuery(
    encode({ type: 'query', id: 9, questions: [{ type: 'A', name: 'x' }] }),
  );
  expect(query && decode(failure(query))).toMatchObject({ id: 9, rcode: 'SERVFAIL' });
});

test('messages over TCP may arrive in any pieces', () => {
  const found: string[] = [];
  const read = framed(message => found.push(message.toString()));
  const bytes = Buffer.concat([frame(Buffer.from('one')), frame(Buffer.from('three'))]);
  for (const byte of bytes) read(Buffer.of(byte));
  expect(found).toEqual(['one', 'three']);
});
