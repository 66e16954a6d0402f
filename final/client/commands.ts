// Which command is meant, and what there is.
//
// - `findCommand(words)`            `ps`, or two words (`container ls`); undefined if there is none
// - `commandNames()`, `verbsOf(group)`
// - `overview()`, `groupOverview(group)`   the help that names them

import { groups, otherNames, table, type Line } from './commands/table.ts';

export interface Found extends Line {
  readonly name: string;
  readonly args: readonly string[];
}

export function findCommand(words: readonly string[]): Found | undefined {
  const [first = '', second = '', ...rest] = words;
  const both = `${first} ${second}`;
  const hasTwo = groups.has(first);
  const name = hasTwo ? (otherNames.get(both) ?? both) : first;
  const line = table.get(name);
  return line && { ...line, name, args: hasTwo ? rest : words.slice(1) };
}

export function isGroup(name: string): boolean {
  return groups.has(name);
}

/** The first words. */
export function commandNames(): readonly string[] {
  const short = [...table.keys()].filter(name => !name.includes(' '));
  return [...short, ...groups.keys(), 'daemon', 'help'];
}

/** The second words: docker lists each once, under its shortest name. */
export function verbsOf(group: string): readonly string[] {
  const all = [...table.keys(), ...otherNames.keys()];
  const verbs = all.filter(name => name.startsWith(`${group} `)).map(name => name.split(' ')[1]);
  return [...new Set(verbs)].filter(verb => verb !== undefined).toSorted();
}

const synonyms = new Set(['list', 'remove', 'ps']);

export function groupOverview(group: string): string {
  const verbs = verbsOf(group).filter(verb => !synonyms.has(verb));
  const lines = verbs.map(verb => {
    const both = `${group} ${verb}`;
    return [verb, table.get(otherNames.get(both) ?? both)?.about ?? ''] as const;
  });
  return [
    `Usage:  slipway ${group} COMMAND`,
    '',
    groups.get(group) ?? '',
    '',
    'Commands:',
    ...aligned(lines),
    '',
    `Run 'slipway ${group} COMMAND --help' for more information on a command.`,
    '',
  ].join('\n');
}

export function overview(): string {
  const lines = [...table].flatMap(([name, { about }]) =>
    name.includes(' ') ? [] : [[name, about] as const],
  );
  return [
    'Usage:  slipway [OPTIONS] COMMAND',
    '',
    'A container engine that can be read',
    '',
    'Commands:',
    ...aligned(lines),
    '',
    'Commands of two words:',
    ...aligned([...groups]),
    '',
    'The engine:',
    ...aligned([['daemon', 'Be the engine (slipway daemon --help)']]),
    '',
    'Options:',
    '  -H, --host HOST     unix:///path or tcp://address:port; also SLIPWAY_HOST, DOCKER_HOST',
    '      --tls           speak TLS',
    '      --tlsverify     and check who answers',
    '      --tlscacert, --tlscert, --tlskey FILE',
    '  -v, --version       our version',
    '',
    "Run 'slipway COMMAND --help' for more information on a command.",
    '',
  ].join('\n');
}

function aligned(lines: readonly (readonly [name: string, about: string])[]): readonly string[] {
  const width = Math.max(...lines.map(([name]) => name.length), 10);
  return lines.map(([name, about]) => `  ${name.padEnd(width)}  ${about}`);
}
