// The routes on which images move: archives in and out, and what asks a registry.
//
// - `imagesTransfer`: load, save, import, pull, push, search, distribution, auth
//
// A load answers 200 before it knows how it will end, as in Docker: what is wrong with the archive
// is its last line. Source: Docker Engine API v1.45, "Image".

import { PassThrough } from 'node:stream';
import { z } from 'zod';
import { invalid, Refusal } from '../../engine/refusal.ts';
import { imageJobs } from '../../graph/jobs.ts';
import { imagePlatform } from '../../graph/platform.ts';
import { errorLine, statusLine } from '../../graph/archives/progress.ts';
import { distributionJob, loginJob, pullJob, pushJob, searchJob } from '../../registry/jobs.ts';
import { download } from '../../registry/download.ts';
import { parseReference, repositoryAndTag } from '../../graph/reference.ts';
import { tooLarge, wordsOf } from '../http/body.ts';
import { complaintOf } from '../http/complaint.ts';
import { flag, integer, list, text } from '../query.ts';
import { route, type Answer, type Call, type Route } from '../route.ts';

const jsonLines = 'application/json';

/** The lines that a job writes, and at the end what it failed with. */
async function* linesOf(work: (out: PassThrough) => Promise<unknown>): AsyncGenerator<Buffer> {
  const out = new PassThrough();
  const done = work(out).then(
    () => out.end(),
    (error: unknown) => {
      // Ours are for the log; the engine has told it.
      const isTold = error instanceof Refusal;
      out.end(errorLine(isTold ? error : new Error('the daemon failed: see its log')));
    },
  );
  yield* out;
  await done;
}

const load = route({
  method: 'POST',
  path: '/images/load',
  job: imageJobs.load.name,
  query: z.object({ quiet: flag() }),
  body: 'stream',
  handle: ({ engine, query: { quiet }, stream, signal }) => {
    const chunks = linesOf(out =>
      engine.run(imageJobs.load, { env: { quiet }, stdin: stream, stdout: out, signal }),
    );
    // A client that wants no more than its first words has heard how it went.
    return Promise.resolve({ kind: 'stream', type: jsonLines, chunks, withFirst: true });
  },
});

async function save(
  { engine }: Call<unknown, unknown>,
  images: readonly string[],
): Promise<Answer> {
  const chunks = await engine.run(imageJobs.save, { args: images, env: { images } });
  return { kind: 'stream', type: 'application/x-tar', chunks };
}

const saveMany = route({
  method: 'GET',
  path: '/images/get',
  job: imageJobs.save.name,
  query: z.object({ names: list() }),
  handle: call => {
    const { names } = call.query;
    if (names.length === 0) throw invalid('no image is named');
    return save(call, names);
  },
});

const saveOne = route({
  method: 'GET',
  path: '/images/:name/get',
  job: imageJobs.save.name,
  handle: call => save(call, [call.params['name'] ?? '']),
});

const createQuery = z.object({
  fromImage: text(),
  fromSrc: text(),
  repo: text(),
  tag: text(),
  message: text(),
  changes: list(),
  platform: text(),
});

type CreateCall = Call<z.output<typeof createQuery>, undefined>;

const create = route({
  method: 'POST',
  path: '/images/create',
  job: 'pull',
  query: createQuery,
  body: 'stream',
  handle: call => (call.query.fromImage === undefined ? importArchive(call) : pull(call)),
});

async function pull({ engine, query, signal }: CreateCall): Promise<Answer> {
  const { fromImage = '', tag } = query;
  const platform = imagePlatform(query.platform);
  const named = parseReference(fromImage);
  const reference = withTagOrDigest(fromImage, named, tag);
  const lines = await engine.run(pullJob, {
    args: [fromImage],
    env: { reference, platform },
    signal,
  });
  return { kind: 'stream', type: jsonLines, chunks: lines };
}

/** In place of a tag a digest may be said. */
function withTagOrDigest(
  text_: string,
  named: ReturnType<typeof parseReference>,
  tag: string | undefined,
): ReturnType<typeof parseReference> {
  if (tag === undefined) return named;
  if (tag.includes(':')) return parseReference(`${text_}@${tag}`);
  return repositoryAndTag(text_, tag) ?? named;
}

async function importArchive({ engine, query, stream, signal }: CreateCall): Promise<Answer> {
  const { fromSrc, repo = '', tag = '', changes } = query;
  const platform = imagePlatform(query.platform);
  if (fromSrc === undefined)
    throw invalid('neither fromImage nor fromSrc says where it comes from');
  const reference = repositoryAndTag(repo, tag);
  const message = query.message ?? `Imported from ${fromSrc}`;
  const env = { reference, changes, message, platform };
  if (fromSrc !== '-') {
    const { address, content } = await download(fromSrc, signal);
    const chunks = linesOf(async out => {
      out.write(statusLine(`Downloading from ${address}`));
      out.write(statusLine(await engine.run(imageJobs.import, { env, stdin: content, signal })));
    });
    return { kind: 'stream', type: jsonLines, chunks };
  }
  const id = await engine.run(imageJobs.import, { env, stdin: stream, signal });
  return { kind: 'stream', type: jsonLines, chunks: once(statusLine(id)) };
}

async function* once(line: string): AsyncGenerator<string> {
  yield line;
}

const push = route({
  method: 'POST',
  path: '/images/:name/push',
  job: pushJob.name,
  query: z.object({ tag: text() }),
  handle: async ({ engine, params, query: { tag }, signal }) => {
    const named = parseReference(params['name'] ?? '');
    const reference =
      tag === undefined ? named : (repositoryAndTag(params['name'] ?? '', tag) ?? named);
    const env = { reference };
    const chunks = await engine.run(pushJob, { args: [params['name'] ?? ''], env, signal });
    return { kind: 'stream', type: jsonLines, chunks };
  },
});

const search = route({
  method: 'GET',
  path: '/images/search',
  job: searchJob.name,
  query: z.object({ term: text(), limit: integer({ saying: 'invalid limit specified: ' }) }),
  handle: async ({ engine, query: { term = '', limit }, signal }) => {
    const env = { term, limit };
    return { kind: 'json', status: 200, value: await engine.run(searchJob, { env, signal }) };
  },
});

const distribution = route({
  method: 'GET',
  path: '/distribution/:name/json',
  job: distributionJob.name,
  handle: async ({ engine, params, signal }) => {
    const name = params['name'] ?? '';
    const env = { reference: parseReference(name) };
    const value = await engine.run(distributionJob, { args: [name], env, signal });
    return { kind: 'json', status: 200, value };
  },
});

const sent = z
  .string()
  .nullish()
  .transform(value => value ?? '');

const loginSchema = z.object({ username: sent, password: sent, serveraddress: sent });

/** A user, a password and an address are no more. */
const mostBytes = 1 << 20;

async function jsonOf(stream: AsyncIterable<Uint8Array>): Promise<unknown> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of stream) {
    // Its memory is used again.
    pieces.push(Buffer.from(piece));
    bytes += piece.length;
    if (bytes > mostBytes) throw tooLarge();
  }
  const written = Buffer.concat(pieces).toString('utf8');
  if (written.trim() === '') throw invalid('EOF');
  try {
    return JSON.parse(written);
  } catch (cause) {
    throw invalid(complaintOf(written).replace('invalid JSON: ', ''), { cause });
  }
}

const login = route({
  method: 'POST',
  path: '/auth',
  job: loginJob.name,
  // Of what type it says that it is does not matter here.
  body: 'stream',
  handle: async ({ engine, stream, signal }) => {
    const parsed = loginSchema.safeParse(await jsonOf(stream));
    if (!parsed.success) throw invalid(wordsOf(parsed.error));
    const { username, password, serveraddress: server } = parsed.data;
    const env = { username, password, server };
    return { kind: 'json', status: 200, value: await engine.run(loginJob, { env, signal }) };
  },
});

export const imagesTransfer: readonly Route[] = [
  load,
  saveMany,
  saveOne,
  create,
  push,
  search,
  distribution,
  login,
];
