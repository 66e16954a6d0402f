// What a client sees while images move: lines of JSON, as Docker writes them.
//
// - `statusLine(status)`, `streamLine(text)`, `errorLine(error)`
// - `loadProgress(out)`: told how far a layer is; a line every tenth of a second
// - `writeLoaded(out, loaded)`: the last lines of a load

import type { Writable } from 'node:stream';
import type { Loaded } from './load.ts';
import { familiarText } from '../reference.ts';

const line = (value: unknown): string => `${JSON.stringify(value)}\r\n`;

export const statusLine = (status: string, id?: string): string =>
  line({ status, ...(id !== undefined && { id }) });

const streamLine = (stream: string): string => line({ stream });

export function errorLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return line({ errorDetail: { message }, error: message });
}

const everyMs = 100;

type OnLayer = (name: string, bytes: number, size: number) => void;

export function loadProgress(out: Writable): OnLayer {
  let last = 0;
  return (name, bytes, size) => {
    const now = performance.now();
    if (bytes < size && now - last < everyMs) return;
    last = now;
    const [, digits = name] = /([0-9a-f]{12})[0-9a-f]{52}/.exec(name) ?? [];
    const progressDetail = { current: bytes, total: size };
    out.write(line({ status: 'Loading layer', progressDetail, id: digits.slice(0, 12) }));
  };
}

export function writeLoaded(out: Writable, loaded: readonly Loaded[]): void {
  for (const { image, names } of loaded) {
    for (const { reference, before } of names) {
      const name = familiarText(reference);
      if (before !== undefined) {
        const renamed = `renaming the old one with ID ${before} to empty string`;
        out.write(streamLine(`The image ${name} already exists, ${renamed}\n`));
      }
      out.write(streamLine(`Loaded image: ${name}\n`));
    }
    if (names.length === 0) out.write(streamLine(`Loaded image ID: ${image.id}\n`));
  }
}
