// Sizes as people write them: 64m, 1.5g, 2MB.
//
// - parseSize(text): bytes; k, m, g, t are powers of 1024, as Docker counts
//
// Source: docker run(1) "--memory"; the kernel's own 64M and hugetlb's 2MB read the
// same.

import { ControlGroupError } from '../group/errors.ts';

const units = 'bkmgtp';

/** @throws OPTION with what is allowed */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?) ?([a-z]?)(i?b)?$/.exec(text.trim().toLowerCase());
  const [, digits, unit = ''] = match ?? [];
  const power = unit === '' ? 0 : units.indexOf(unit);
  const bytes = Math.floor(Number(digits) * 1024 ** power);
  if (match === null || power === -1 || !Number.isSafeInteger(bytes)) {
    throw new ControlGroupError(
      'OPTION',
      `${JSON.stringify(text)} is not a size: ` +
        'write a number and b, k, m, g or t, as in 512k, 64m, 1.5g',
    );
  }
  return bytes;
}
