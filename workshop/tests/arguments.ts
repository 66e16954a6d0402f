/**
 * The arguments of `npm test`: what to run, what goes on to vitest, and the list of known NOT RUNs.
 *
 * - parseArgs(argv)   scopes (files and folders), flags (for vitest), known (a file)
 */
export interface TestArguments {
  readonly scopes: readonly string[];
  readonly flags: readonly string[];
  readonly known: string | undefined;
}

/** These flags of vitest take a value as a word of its own. */
const withValue = new Set(['-t', '--testNamePattern', '--project', '--retry', '--reporter']);

export function parseArgs(argv: readonly string[]): TestArguments {
  const scopes: string[] = [];
  const flags: string[] = [];
  let known: string | undefined;
  const words = [...argv];
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === '--known') known = words.shift();
    else if (withValue.has(word)) flags.push(word, words.shift() ?? '');
    else if (word.startsWith('-')) flags.push(word);
    else scopes.push(word);
  }
  return { scopes, flags, known };
}
