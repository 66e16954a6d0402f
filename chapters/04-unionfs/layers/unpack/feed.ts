// An archive goes through a reader, no further than its budget allows.
//
// - `feed(source, sink, course)`: a file or a stream, packed or plain, to its last byte

import { TarReader, type TarSink } from '../../tar/reader.ts';
import type { Budget } from '../limits.ts';
import { decompressed, type LayerSource } from './decompress.ts';
import type { LayerUnpacker } from './unpacker.ts';

export interface Course {
  readonly budget: Budget;
  /** What makes the files: it knows at which of them a refusal is. */
  readonly unpacker: Pick<LayerUnpacker, 'current'>;
  /** Gets the archive's bytes, unpacked, before the reader. */
  readonly onBytes?: (bytes: Buffer) => void;
}

/** @throws LayerRefused or TarRefused for what is wrong with it */
export async function feed(
  source: LayerSource,
  sink: TarSink,
  { budget, unpacker, onBytes }: Course,
): Promise<void> {
  const reader = new TarReader(sink);
  for await (const bytes of decompressed(source, count => budget.read(count))) {
    budget.unpacked(bytes.length, unpacker.current);
    onBytes?.(bytes);
    reader.write(bytes);
  }
  reader.finish();
}
