// Which labels and variables `--log-opt labels`, `env` and their `-regex` put into each line.
//
// - `extraAttributes(options, config)`: by their names; throws Error for a pattern that is none
//
// Source: moby, daemon/logger/loginfo.go.

import type { Logged } from './tag.ts';

type Texts = Readonly<Record<string, string>>;

export function extraAttributes(options: Texts, config: Logged['config']): Texts {
  const variables = (config.Env ?? []).flatMap(entry => {
    const end = entry.indexOf('=');
    return end < 0 ? [] : [[entry.slice(0, end), entry.slice(end + 1)] as const];
  });
  return {
    ...chosen(config.Labels ?? {}, options['labels'], options['labels-regex']),
    ...chosen(Object.fromEntries(variables), options['env'], options['env-regex']),
  };
}

function chosen(from: Texts, names: string | undefined, pattern: string | undefined): Texts {
  const named = new Set(names?.split(','));
  const like = pattern ? expression(pattern) : undefined;
  const entries = Object.entries(from);
  return Object.fromEntries(entries.filter(([name]) => named.has(name) || like?.test(name)));
}

function expression(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch (cause) {
    throw new Error(`error parsing regexp: invalid pattern: \`${pattern}\``, { cause });
  }
}
