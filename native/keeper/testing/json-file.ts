// Docker's json-file format, said a second time for the tests: plainly, one line at a time.
//
// - `jsonFile(stream, bytes)`: the lines that a finished output becomes, with T for each time
//
// Source: the copier and the json-file driver of Docker's daemon, whose encoder is Go's.

const longestPiece = 16_384;

export function jsonFile(stream: string, bytes: Buffer, attributes = ''): string {
  return pieces(bytes)
    .map(piece => {
      const attrs = attributes === '' ? '' : `,"attrs":${attributes}`;
      return `{"log":"${encoded(piece)}","stream":"${stream}"${attrs},"time":"T"}\n`;
    })
    .join('');
}

/** The same with the times that were true taken out of it. */
export function withoutTimes(text: string): string {
  const time = /"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?Z"/g;
  return text.replaceAll(time, '"time":"T"');
}

function pieces(bytes: Buffer): readonly Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const feed = bytes.subarray(at, at + longestPiece).indexOf(0x0a);
    const end = feed === -1 ? Math.min(at + longestPiece, bytes.length) : at + feed + 1;
    found.push(bytes.subarray(at, end));
    at = end;
  }
  return found;
}

function encoded(piece: Buffer): string {
  let text = '';
  for (let at = 0; at < piece.length;) {
    const length = characterLength(piece.subarray(at, at + 4));
    const character = length === 0 ? undefined : piece.toString('utf8', at, at + length);
    text += character === undefined ? String.raw`\ufffd` : escaped(character);
    at += Math.max(length, 1);
  }
  return text;
}

/** How long the character at the start is; 0 if it is none. */
function characterLength(bytes: Buffer): number {
  for (let length = 1; length <= bytes.length; length++) {
    const candidate = bytes.subarray(0, length);
    const text = candidate.toString('utf8');
    if (!text.includes('\uFFFD') || candidate.equals(Buffer.from('\uFFFD'))) return length;
  }
  return 0;
}

function escaped(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  if (character === '\n') return String.raw`\n`;
  if (character === '\r') return String.raw`\r`;
  const code = character.codePointAt(0) ?? 0;
  const isEscaped = code < 0x20 || '<>&\u2028\u2029'.includes(character);
  return isEscaped ? `\\u${code.toString(16).padStart(4, '0')}` : character;
}
