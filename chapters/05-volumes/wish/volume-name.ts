// The one grammar of volume names, before a name touches a path.
//
// - `isVolumeName(text)`, `nameRefusal(text)`: whether, and what is wrong with it
//
// Docker's: a letter or digit, then one or more of letters, digits, `_`, `.`, `-`. So
// no name holds a slash, none is `..`, and none begins with the dot of our own folders.

const grammar = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;
/** As long as a file name may be on most file systems. */
const longest = 255;

export function isVolumeName(text: string): boolean {
  return grammar.test(text) && text.length <= longest;
}

export function nameRefusal(text: string): string {
  const shown = JSON.stringify(text);
  if (text.length > longest) {
    return `a volume's name has at most ${longest} characters, not ${text.length}`;
  }
  if (/^[a-zA-Z0-9]$/.test(text)) {
    return `${shown} is no name of a volume: it has two characters at least`;
  }
  return `${shown} is no name of a volume, and a path begins with / or ./`;
}
