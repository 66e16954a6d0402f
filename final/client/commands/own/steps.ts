// A program of system calls as a person reads it.
//
// - `printSteps(context, steps)`   a call a line, then why, indented; with its time if it has one
// - `stepsSchema`                  as the engine answers

import { styleText } from 'node:util';
import { z } from 'zod';
import type { Context } from '../../command.ts';

export const stepsSchema = z.array(
  z.object({
    code: z.string(),
    why: z.string(),
    microseconds: z.number().optional(),
  }),
);

export function printSteps({ out }: Context, steps: z.output<typeof stepsSchema>): void {
  const isTimed = steps.some(({ microseconds }) => microseconds !== undefined);
  const dim = (text: string): string => (out.isTTY ? styleText('dim', text) : text);
  for (const [index, { code, why, microseconds }] of steps.entries()) {
    const time = isTimed ? `${timeOf(microseconds).padStart(9)}  ` : '';
    out.write(`${dim(String(index).padStart(2))}  ${dim(time)}${code}\n`);
    out.write(`    ${' '.repeat(time.length)}${dim(`# ${why}`)}\n`);
  }
  if (!isTimed) return;
  const sum = steps.reduce((all, { microseconds = 0 }) => all + microseconds, 0);
  out.write(`${dim(`    ${timeOf(sum).padStart(9)}  in all`)}\n`);
}

function timeOf(microseconds: number | undefined): string {
  return microseconds === undefined ? '' : `${microseconds.toFixed(0)} µs`;
}
