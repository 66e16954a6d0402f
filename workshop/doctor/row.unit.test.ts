import { expect, test } from 'vitest';
import { must, printed, should, verdict } from './row.ts';

test('a line says what is there, or what is missing and what to do', () => {
  const rows = [
    must('busybox', '/bin/busybox', undefined),
    must('busybox', '', 'the tool busybox is missing: sudo apt-get install busybox-static'),
    should('root', 'this is root', 'needs root: run it with sudo'),
    should('overlay', 'can be mounted', 'cannot be mounted (mount: not permitted)'),
  ];
  expect(rows.map(printed).join('\n')).toMatchInlineSnapshot(`
    "ok    busybox                 /bin/busybox
    MISS  busybox                 the tool busybox is missing -> sudo apt-get install busybox-static
    warn  root                    needs root -> run it with sudo
    warn  overlay                 cannot be mounted (mount: not permitted)"
  `);
});

test('only a missing must-have makes the doctor fail', () => {
  const missing = 'not built: npm run build';
  expect(verdict([must('a', '', undefined), should('b', '', missing)])).toBe(0);
  expect(verdict([must('a', '', missing), should('b', '', undefined)])).toBe(1);
});
