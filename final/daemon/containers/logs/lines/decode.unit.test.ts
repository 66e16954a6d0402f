import {
  array,
  assert,
  boolean,
  constantFrom,
  integer,
  property,
  record,
  string,
} from 'fast-check';
import { expect, test } from 'vitest';
import { LogDecoder, type DecodeOptions } from './decode.ts';
import { keyOfMoment, timeKey } from './times.ts';

const all: DecodeOptions = {
  stdout: true,
  stderr: true,
  timestamps: false,
  details: false,
  framed: false,
};
const time = '2026-01-02T03:04:05.678901234Z';
const line = (log: string, stream = 'stdout', attrs?: object): string =>
  `${JSON.stringify({ log, stream, ...(attrs && { attrs }), time })}\n`;
const decode = (text: string, options: Partial<DecodeOptions> = {}): string =>
  new LogDecoder({ ...all, ...options }).decode(Buffer.from(text)).toString();

test('whatever was logged comes back, wherever the blocks are cut', () => {
  const lines = array(
    record({ log: string({ unit: 'binary' }), stream: constantFrom('stdout', 'stderr') }),
  );
  assert(
    property(lines, integer({ min: 1, max: 50 }), boolean(), (logged, size, withAttributes) => {
      const attrs = withAttributes ? { 'a"}': 'b\\' } : undefined;
      const file = Buffer.from(logged.map(one => line(one.log, one.stream, attrs)).join(''));
      const decoder = new LogDecoder({ ...all, stderr: false });
      const parts: Buffer[] = [];
      for (let at = 0; at < file.length; at += size) {
        parts.push(Buffer.from(decoder.decode(file.subarray(at, at + size))));
      }
      const wanted = logged.filter(one => one.stream === 'stdout').map(one => one.log);
      expect(Buffer.concat(parts)).toEqual(Buffer.from(wanted.join('')));
    }),
  );
});

test('a line is a line, however few digits its time has', () => {
  const fractions = Array.from({ length: 10 }, (_, digits) => '.678912345'.slice(0, digits + 1));
  const times = fractions.map(digits => `2026-01-02T03:04:05${digits === '.' ? '' : digits}Z`);
  const lines = times.map(one => line(`${one}\n`).replace(time, one));
  expect(decode(lines.concat(lines).join(''))).toBe(`${times.concat(times).join('\n')}\n`);
});

test('each line of a short answer has its frame', () => {
  const frames = decode(line('out\n') + line('error\n', 'stderr') + line('x'), { framed: true });
  expect(frames).toBe('\x01\0\0\0\0\0\0\x04out\n\x02\0\0\0\0\0\0\x06error\n\x01\0\0\0\0\0\0\x01x');
});

test('many lines share frames, which say their length', () => {
  const text = Buffer.from(decode(line('12345678\n').repeat(1000), { framed: true }));
  expect(text.readUInt32BE(4)).toBe(9000);
  expect(text.length).toBe(9008);
});

test('times and attributes stand before the line', () => {
  const logged = line('hello\n', 'stdout', { tag: 'a tag', E: 'e' });
  expect(decode(logged, { timestamps: true, details: true })).toBe(`${time} E=e,tag=a+tag hello\n`);
});

test('since and until choose by time, to the nanosecond', () => {
  const at = keyOfMoment(BigInt(Date.parse('2026-01-02T03:04:05Z')) * 1_000_000n + 678_901_234n);
  expect(at).toBe(time);
  expect(decode(line('x'), { since: at, until: at })).toBe('x');
  expect(decode(line('x'), { since: keyOfMoment(2n ** 62n) })).toBe('');
  expect(decode(line('x'), { until: keyOfMoment(5n) })).toBe('');
});

test('a time with fewer digits is filled up', () => {
  expect(timeKey('2026-01-02T03:04:05.5Z')).toBe('2026-01-02T03:04:05.500000000Z');
  expect(timeKey('2026-01-02T03:04:05Z')).toBe('2026-01-02T03:04:05.000000000Z');
});

test('what is no line of a log is passed over', () => {
  const damaged = '\0\0\0\n{"log":"half\n{}\n{"log":"x","stream":"stdout"}\n';
  expect(decode(line('a\n') + damaged + line('b\n'))).toBe('a\nb\n');
});
