import { expect, test } from 'vitest';
import { differsFromLock } from './installed.mjs';

const present = {
  'node_modules/tsx': { version: '4.0.0' },
  'node_modules/vite/node_modules/tsx': { version: '3.0.0' },
};

test('what is installed as the lock asks needs no `npm ci`', () => {
  const wanted = {
    '': { version: '0.1.0' },
    'workshop/lab': { version: '0.1.0' },
    ...present,
    'node_modules/only-for-arm': { version: '1.0.0', optional: true },
  };
  expect(differsFromLock(wanted, present)).toBeUndefined();
});

test('a package that is missing or has another version is named', () => {
  const newer = { ...present, 'node_modules/tsx': { version: '4.1.0' } };
  const more = { ...present, 'node_modules/chalk': { version: '6.0.0' } };
  expect(differsFromLock(newer, present)).toBe('node_modules/tsx is 4.0.0, not 4.1.0');
  expect(differsFromLock(more, present)).toBe('node_modules/chalk is missing');
});
