// What networks and volumes have in common, each verb made once.
//
// - `listing(noun)`     `ls`: a table by name, ids or names alone, a template
// - `removing(noun)`    `rm`, which with `-f` misses nothing
// - `inspecting(noun)`  `inspect`

import { z } from 'zod';
import { grammar, parse, type Run } from '../../command.ts';
import { ApiFailure } from '../../failure.ts';
import { printList, type Row } from '../../output/list.ts';
import { forEach, nothing } from '../life/for-each.ts';
import { filter, filtersOf } from '../look/filters.ts';
import { run as inspect } from '../look/inspect.ts';

export interface Noun {
  readonly name: 'network' | 'volume';
  /** Of the answer to the list, whatever it is wrapped in. */
  readonly rows: (answer: unknown, cuts: boolean) => readonly Row[];
  readonly columns: readonly (readonly [title: string, field: string])[];
  /** What `-q` shows. */
  readonly key: string;
}

interface ListOptions {
  readonly quiet?: boolean;
  readonly trunc: boolean;
  readonly filter: readonly string[];
  readonly format?: string;
}

export function listing({ name, rows, columns, key }: Noun): Run {
  return async (args, context) => {
    const command = grammar(`${name} ls [OPTIONS]`, `List ${name}s`)
      .option('-q, --quiet', `${key.toLowerCase()}s alone`)
      .option('--no-trunc', 'cut nothing')
      .option('-f, --filter <name=value>', 'choose', filter, [])
      .option('--format <template>', 'a template, json, or table');
    const { options } = parse<ListOptions>(command, args, 0, 0);
    const query = { filters: filtersOf(options.filter) };
    const answer = await context.api.json({ path: `/${name}s`, query });
    const shown = rows(answer, options.trunc).toSorted(byName);
    if (options.quiet === true && options.format === undefined) {
      for (const row of shown) context.out.write(`${String(row[key])}\n`);
    } else {
      printList(context, { columns, rows: shown, format: options.format });
    }
    return 0;
  };
}

function byName(a: Row, b: Row): number {
  return String(a['Name']).localeCompare(String(b['Name']), 'en', { numeric: true });
}

export function removing({ name }: Noun): Run {
  const noun = name.toUpperCase();
  return (args, context) => {
    const command = grammar(`${name} rm [OPTIONS] ${noun} [${noun}...]`, `Remove ${name}s`).option(
      '-f, --force',
      'not there is no failure',
    );
    const { options, args: names } = parse<{ readonly force?: boolean }>(command, args, 1);
    const force = options.force ?? false;
    return forEach(context, names, one => {
      const request = { method: 'DELETE', path: `/${name}s/${one}`, query: { force } } as const;
      return context.api.json(request).catch((error: unknown) => {
        if (!force || !(error instanceof ApiFailure) || error.status !== 404) throw error;
        return nothing;
      });
    });
  };
}

export function inspecting({ name }: Noun): Run {
  return (args, context) => inspect(['--type', name, ...args], context);
}

/** What a creation answers. */
export const named = z.object({ Id: z.string().optional(), Name: z.string().optional() });
