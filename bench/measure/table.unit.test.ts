/** The figures and their layout. */
import { expect, test } from 'vitest';
import { summarize } from './statistics.ts';
import { renderTable } from './table.ts';

test('the median of an even row lies between its two middle values', () => {
  expect(summarize([4, 1, 3, 2])).toEqual({ minimum: 1, median: 2.5, maximum: 4 });
  expect(summarize([9, 1, 5])).toEqual({ minimum: 1, median: 5, maximum: 9 });
  expect(() => summarize([])).toThrow('nothing was measured');
});

test('each scenario is a block, compared with its own floor', () => {
  const row = (name: string, ...values: number[]) => ({ name, summary: summarize(values) });
  const lines = renderTable([
    { title: 'one', rows: [row('floor', 1e6, 2e6, 9e6), row('ours', 2e6, 3e6, 4e6)] },
    { title: 'two', rows: [row('floor', 5e5), row('ours', 1e6)] },
  ]);
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "milliseconds                                      min   median      max  × floor
    --------------------------------------------------------------------------------
    one
      floor                                         1.000    2.000    9.000     1.00
      ours                                          2.000    3.000    4.000     1.50

    two
      floor                                         0.500    0.500    0.500     1.00
      ours                                          1.000    1.000    1.000     2.00"
  `);
});
