/**
 * Puts a text into a shell's script so that the shell reads exactly this text.
 *
 * - shellWord(text)   the text in single quotes, in which a shell interprets nothing
 */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
