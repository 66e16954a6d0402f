import { expect, test } from 'vitest';
import { parseKnown, returned, unexpected } from './known.ts';

const known = parseKnown('# remark\n\na.test.ts > sleeps :: no aufs here\nb > c :: no root\n');

test('a test that does not run and is not listed is unexpected', () => {
  const notRun = [
    { name: 'b > c', reason: 'whatever' },
    { name: 'new.test.ts > new', reason: 'needs a tape drive' },
  ];
  expect(unexpected(notRun, known).map(one => one.name)).toEqual(['new.test.ts > new']);
});

test('a listed test that runs again is reported, so that the list can shrink', () => {
  const notRun = [{ name: 'b > c', reason: 'no root' }];
  expect(returned(notRun, known).map(one => one.name)).toEqual(['a.test.ts > sleeps']);
});

test('a line without a reason is refused', () => {
  expect(() => parseKnown('a.test.ts > sleeps')).toThrow('not a `name :: reason` line');
});

test('a name that ends with a star stands for all that begin so, and for no others', () => {
  const guests = parseKnown('vm(v2): * :: the other world');
  const notRun = ['vm(v2): a > b', 'vm(v1): a > b'].map(name => ({ name, reason: 'x' }));
  expect(unexpected(notRun, guests).map(one => one.name)).toEqual(['vm(v1): a > b']);
});
