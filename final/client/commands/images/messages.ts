// The engine's report of something long: lines of JSON, shown as they come.
//
// - `showMessages(source, out)`   @throws Failure with the error that one of them tells

import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';
import { Failure } from '../../failure.ts';

const message = z.object({
  stream: z.string().optional(),
  status: z.string().optional(),
  id: z.string().optional(),
  progress: z.string().optional(),
  error: z.string().optional(),
  errorDetail: z.object({ message: z.string() }).optional(),
});

export async function showMessages(source: Readable, out: Writable): Promise<void> {
  for await (const line of createInterface({ input: source })) {
    if (line.trim() === '') continue;
    const { stream, status, id, progress, error, errorDetail } = message.parse(JSON.parse(line));
    const failure = errorDetail?.message ?? error;
    if (failure !== undefined) throw new Failure(failure);
    if (stream !== undefined) out.write(stream);
    // A bar that moves is for a terminal; here each step is a line.
    if (status !== undefined && progress === undefined) {
      out.write(`${id === undefined || id === '' ? '' : `${id}: `}${status}\n`);
    }
  }
}
