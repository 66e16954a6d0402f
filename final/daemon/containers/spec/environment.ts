// The variables of a process in a container.
//
// - `environmentOf(parts)`: those of the engine, then those of the configuration, then HOME
//
// An entry without `=` takes a variable away. Source: `docker run`, "Environment variables".

export interface EnvironmentParts {
  readonly hostname: string;
  readonly hasTerminal: boolean;
  /** In their order; a later one wins. */
  readonly given: readonly string[];
  readonly home: string;
}

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export function environmentOf(parts: EnvironmentParts): readonly string[] {
  const { hostname, hasTerminal, given, home } = parts;
  const variables = new Map([
    ['PATH', defaultPath],
    ['HOSTNAME', hostname],
  ]);
  if (hasTerminal) variables.set('TERM', 'xterm');
  for (const entry of given) {
    const end = entry.indexOf('=');
    if (end === -1) variables.delete(entry);
    else variables.set(entry.slice(0, end), entry.slice(end + 1));
  }
  if ((variables.get('HOME') ?? '') === '') variables.set('HOME', home);
  return [...variables].map(([name, value]) => `${name}=${value}`);
}
