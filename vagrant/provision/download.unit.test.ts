/** What was fetched in part is gone on with, wherever the server stands in that. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { scratchFolder } from '@slipway/lab/scratch.ts';
import { expect, test } from 'vitest';

const whole = randomBytes(300_000);

/** One file at /image; from the middle only where `ranges` says so. */
async function serve(ranges: boolean): Promise<AsyncDisposable & { readonly address: string }> {
  const server: Server = createServer((request, response) => {
    const from = /^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1];
    const start = ranges && from !== undefined ? Number(from) : undefined;
    if (request.url !== '/image') response.writeHead(404).end();
    else if (start === undefined) response.writeHead(200).end(whole);
    else if (start >= whole.length) response.writeHead(416).end();
    else {
      const range = `bytes ${start}-${whole.length - 1}/${whole.length}`;
      response.writeHead(206, { 'content-range': range }).end(whole.subarray(start));
    }
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const where = server.address();
  const port = typeof where === 'object' ? where?.port : undefined;
  const close = async (): Promise<void> => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  };
  return { address: `http://127.0.0.1:${port}`, [Symbol.asyncDispose]: close };
}

async function download(address: string, file: string): Promise<void> {
  const script = join(import.meta.dirname, 'download.sh');
  const words = ['-c', 'set -eu; . "$0"; download "$@"', script, address, file];
  await promisify(execFile)('bash', words);
}

const pieces = [0, 1000, whole.length];

test.each(pieces.flatMap(length => [true, false].map(ranges => ({ length, ranges }))))(
  'of %j nothing is lost',
  async ({ length, ranges }) => {
    await using folder = scratchFolder();
    await using server = await serve(ranges);
    const file = join(folder.path, 'image.part');
    if (length > 0) writeFileSync(file, whole.subarray(0, length));
    await download(`${server.address}/image`, file);
    expect(readFileSync(file).equals(whole)).toBe(true);
  },
);

test('what is not there is refused, and leaves nothing', async () => {
  await using folder = scratchFolder();
  await using server = await serve(true);
  const file = join(folder.path, 'image.part');
  await expect(download(`${server.address}/other`, file)).rejects.toThrow('404');
  expect(existsSync(file)).toBe(false);
});
