// Commands of two words: `network ls`, `volume rm`.
//
// - `verbs(noun, table)`   the command that chooses by its first argument

import type { Run } from '../../command.ts';
import { Failure } from '../../failure.ts';
import { nearest } from '../../nearest.ts';

export function verbs(noun: string, table: Readonly<Record<string, Run>>): Run {
  return (args, context) => {
    const [verb = '', ...rest] = args;
    const run = Object.hasOwn(table, verb) ? table[verb] : undefined;
    if (run !== undefined) return run(rest, context);
    const names = Object.keys(table);
    const near = nearest(verb, names);
    const hint = near === undefined ? `there are ${names.join(', ')}` : `did you mean '${near}'?`;
    throw new Failure(`slipway ${noun}: '${verb}' is not a command of it: ${hint}`);
  };
}
