// The attributes that `--log-opt tag`, `labels` and `env` put into each line: `a=b,c=d`.
//
// - `endOf(block, open)`: the place behind the closing brace, or -1
// - `show(block, open, end)`: as `--details` shows them, sorted by their key
//
// They are the same in every line of a container, so the last ones are remembered.

const quote = 0x22;
const backslash = 0x5c;
const closing = 0x7d;

export class Attributes {
  #written = '';
  #shown = '';

  endOf(block: Buffer, open: number): number {
    let isInside = false;
    for (let at = open + 1; at < block.length; at += 1) {
      const byte = block[at];
      if (isInside && byte === backslash) at += 1;
      else if (byte === quote) isInside = !isInside;
      else if (!isInside && byte === closing) return at + 1;
    }
    return -1;
  }

  show(block: Buffer, open: number, end: number): string {
    const written = block.toString('utf8', open, end);
    if (written === this.#written) return this.#shown;
    this.#written = written;
    this.#shown = shown(written);
    return this.#shown;
  }
}

function shown(written: string): string {
  try {
    const entries = Object.entries(JSON.parse(written) as object);
    const pairs = entries.map(([key, value]) => `${escape(key)}=${escape(String(value))}`);
    return pairs.toSorted().join(',');
  } catch {
    return '';
  }
}

/** As Go's url.QueryEscape. */
function escape(text: string): string {
  return encodeURIComponent(text).replaceAll('%20', '+');
}
