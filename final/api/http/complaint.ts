// What is wrong with a text that is no JSON, in the words of Docker's parser.
//
// - `complaintOf(text)`: the words for a text that `JSON.parse` refuses
//
// Users know these words, and scripts look for them. Nesting costs no stack: a request may be
// nothing but brackets. Source: the scanner of Go's encoding/json.

type Place = 'array' | 'object';

/** Only to be asked of what is no JSON. */
export function complaintOf(text: string): string {
  if (text.trim() === '') return 'invalid JSON: got EOF while reading request body';
  const scanner = new Scanner(text);
  try {
    scanner.value();
  } catch (error) {
    if (error instanceof Complaint) return `invalid JSON: ${error.message}`;
    throw error;
  }
  return 'unexpected content after JSON';
}

class Complaint extends Error {}

class Scanner {
  readonly #text: string;
  readonly #within: Place[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** One value, with all that is in it. */
  value(): void {
    do {
      if (this.#begin()) continue;
      while (this.#within.length > 0 && this.#isComplete()) this.#within.pop();
    } while (this.#within.length > 0);
  }

  #next(): string {
    const from = /[^ \t\r\n]/g;
    from.lastIndex = this.#at;
    const found = from.exec(this.#text);
    if (found === null) throw new Complaint('unexpected EOF');
    this.#at = found.index;
    return found[0];
  }

  #refuse(where: string): never {
    const character = this.#text[this.#at];
    if (character === undefined) throw new Complaint('unexpected EOF');
    const shown = character === "'" ? String.raw`\'` : JSON.stringify(character).slice(1, -1);
    const quoted = character === '"' ? '"' : shown;
    throw new Complaint(`invalid character '${quoted}' ${where}`);
  }

  /** Opens an object or an array, or reads what is neither. → whether a value comes next */
  #begin(): boolean {
    const first = this.#next();
    if (first === '{') return this.#open('object', '}');
    if (first === '[') return this.#open('array', ']');
    if (first === '"') this.#string();
    else if (/[-\d]/.test(first)) this.#number();
    else this.#literal(first);
    return false;
  }

  #literal(first: string): void {
    const literal = ['true', 'false', 'null'].find(word => word.startsWith(first));
    if (literal === undefined) this.#refuse('looking for beginning of value');
    for (const letter of literal) {
      if (this.#text[this.#at] !== letter) {
        this.#refuse(`in literal ${literal} (expecting '${letter}')`);
      }
      this.#at += 1;
    }
  }

  #open(place: Place, end: string): boolean {
    this.#at += 1;
    this.#within.push(place);
    if (this.#next() === end) return false;
    if (place === 'object') this.#key();
    return true;
  }

  #key(): void {
    if (this.#next() !== '"') this.#refuse('looking for beginning of object key string');
    this.#string();
    if (this.#next() !== ':') this.#refuse('after object key');
    this.#at += 1;
  }

  /** Whether the innermost one ends here; otherwise its next value is to come. */
  #isComplete(): boolean {
    const isObject = this.#within.at(-1) === 'object';
    const found = this.#next();
    if (found === (isObject ? '}' : ']')) {
      this.#at += 1;
      return true;
    }
    if (found !== ',')
      this.#refuse(isObject ? 'after object key:value pair' : 'after array element');
    this.#at += 1;
    if (isObject) this.#key();
    return false;
  }

  #string(): void {
    for (this.#at += 1; this.#text[this.#at] !== '"'; this.#at += 1) {
      const character = this.#text[this.#at];
      if (character === undefined || character < ' ') this.#refuse('in string literal');
      if (character === '\\') this.#escape();
    }
    this.#at += 1;
  }

  #escape(): void {
    this.#at += 1;
    const letter = this.#text[this.#at];
    if (letter === undefined || !'bfnrtu"\\/'.includes(letter))
      this.#refuse('in string escape code');
    for (let digits = letter === 'u' ? 4 : 0; digits > 0; digits -= 1) {
      this.#at += 1;
      const isDigit = /[\da-f]/i.test(this.#text[this.#at] ?? '');
      if (!isDigit) this.#refuse(String.raw`in \u hexadecimal character escape`);
    }
  }

  #number(): void {
    const digits = (where: string): void => {
      if (!/\d/.test(this.#text[this.#at] ?? '')) this.#refuse(where);
      while (/\d/.test(this.#text[this.#at] ?? '')) this.#at += 1;
    };
    if (this.#text[this.#at] === '-') this.#at += 1;
    if (this.#text[this.#at] === '0') this.#at += 1;
    else digits('in numeric literal');
    if (this.#text[this.#at] === '.') {
      this.#at += 1;
      digits('after decimal point in numeric literal');
    }
    if (/[eE]/.test(this.#text[this.#at] ?? '')) {
      this.#at += 1;
      if (/[-+]/.test(this.#text[this.#at] ?? '')) this.#at += 1;
      digits('in exponent of numeric literal');
    }
  }
}
