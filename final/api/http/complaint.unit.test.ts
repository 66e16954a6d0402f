import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { complaintOf } from './complaint.ts';

test.each([
  ['', 'got EOF while reading request body'],
  ['{', 'unexpected EOF'],
  ['{"a":', 'unexpected EOF'],
  ['["a', 'unexpected EOF'],
  ['x', "invalid character 'x' looking for beginning of value"],
  ['{a}', "invalid character 'a' looking for beginning of object key string"],
  ['{"a" 1}', "invalid character '1' after object key"],
  ['{"a":1 "b"}', `invalid character '"' after object key:value pair`],
  ['{"a":1,}', "invalid character '}' looking for beginning of object key string"],
  ['[1 2]', "invalid character '2' after array element"],
  ['[1,]', "invalid character ']' looking for beginning of value"],
  ['trux', "invalid character 'x' in literal true (expecting 'e')"],
  ['-x', "invalid character 'x' in numeric literal"],
  ['1.x', "invalid character 'x' after decimal point in numeric literal"],
  ['{"a":01}', "invalid character '1' after object key:value pair"],
  [String.raw`"\x"`, "invalid character 'x' in string escape code"],
  ["'", String.raw`invalid character '\'' looking for beginning of value`],
  ['{} x', 'unexpected content after JSON'],
])('%j is refused as Docker does', (text, why) => {
  expect(complaintOf(text)).toContain(why);
});

test('whatever is no JSON is complained about, however deep', () => {
  expect(complaintOf('['.repeat(1_000_000))).toBe('invalid JSON: unexpected EOF');
  const texts = fc.tuple(fc.json(), fc.nat(), fc.string({ maxLength: 3 }));
  fc.assert(
    fc.property(texts, ([json, at, more]) => {
      const text = json.slice(0, at % (json.length + 1)) + more;
      fc.pre(!isJson(text));
      expect(complaintOf(text)).toMatch(/^(?:invalid JSON: |unexpected content after JSON)/);
    }),
  );
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
