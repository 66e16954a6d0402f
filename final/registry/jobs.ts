// What asks a registry: pull, push and search; and what answers while there is none.
//
// - `pullJob`, `pushJob`, `searchJob`, `distributionJob`, `loginJob`
// - `registerRegistryJobs(engine, graph)`
//
// The image that this machine can make itself (default-image.ts) is made, no registry is asked. One
// that does answer is beyond this engine as yet, and it says so.

import type { Engine } from '../engine/engine.ts';
import { jobType } from '../engine/job.ts';
import { invalid, Refusal } from '../engine/refusal.ts';
import { defaultImage, isDefaultImage } from '../graph/default-image.ts';
import type { Graph } from '../graph/graph.ts';
import type { ImagePlatform } from '../graph/platform.ts';
import { errorLine, statusLine } from '../graph/archives/progress.ts';
import {
  familiarName,
  familiarText,
  fullName,
  withDefaultTag,
  type Reference,
} from '../graph/reference.ts';
import { knock } from './knock.ts';

interface Asked {
  readonly reference: Reference;
}

export const pullJob = jobType<
  Asked & { readonly platform: ImagePlatform | undefined },
  AsyncIterable<string>
>('pull');
export const pushJob = jobType<Asked, AsyncIterable<string>>('push');
export const searchJob = jobType<
  { readonly term: string; readonly limit: number | undefined },
  unknown
>('search');

/** What a registry says of an image, without pulling it. */
export const distributionJob = jobType<Asked, unknown>('distribution');

export interface LoginEnv {
  readonly username: string;
  readonly password: string;
  /** As a user writes it: a host, or an address with its path; empty for Docker's own. */
  readonly server: string;
}

export const loginJob = jobType<LoginEnv, unknown>('auth');

export function registerRegistryJobs(engine: Engine, graph: Graph): void {
  engine.register(pullJob, ({ env: { reference }, signal }) =>
    pull(graph, withDefaultTag(reference), signal),
  );
  engine.register(pushJob, ({ env: { reference }, signal }) => push(graph, reference, signal));
  engine.register(distributionJob, async ({ env: { reference }, signal }) => {
    await knock(reference.domain, signal);
    throw notYet('asking a registry about an image');
  });
  engine.register(loginJob, async ({ env: { server }, signal }) => {
    await knock(domainOf(server), signal);
    throw new Refusal(
      'UNSUPPORTED',
      'logging in to a registry is not supported by this engine yet',
    );
  });
  engine.register(searchJob, async ({ signal }) => {
    await knock('docker.io', signal);
    throw notYet('searching');
  });
}

function domainOf(server: string): string {
  const domain = server.replace(/^https?:\/\//, '').replace(/\/.*$/s, '');
  if (domain === '' || domain === 'index.docker.io') return 'docker.io';
  if (/^[\w.-]+(:\d+)?$|^\[[0-9a-fA-F:]+\](:\d+)?$/.test(domain)) return domain;
  throw invalid(`unable to parse server address: ${JSON.stringify(server)}`);
}

/** @throws Refusal FAILED with what the network says; UNSUPPORTED if a registry answers */
async function pull(
  graph: Graph,
  reference: Reference,
  signal: AbortSignal,
): Promise<AsyncIterable<string>> {
  if (isDefaultImage(reference)) return pullDefault(graph, reference);
  await knock(reference.domain, signal);
  throw notYet('pulling an image');
}

/** Its registry is this machine. */
async function* pullDefault(graph: Graph, reference: Reference): AsyncGenerator<string> {
  const name = familiarText(reference);
  yield statusLine(`Pulling from ${reference.path}`, reference.tag);
  if (graph.find(name) !== undefined) {
    yield statusLine(`Status: Image is up to date for ${name}`);
    return;
  }
  try {
    const { layers } = await defaultImage(graph);
    for (const layer of layers) yield statusLine('Pull complete', layer.slice(0, 12));
    yield statusLine(`Status: Made ${name} from the busybox of this machine`);
  } catch (error) {
    graph.warn(`no default image: ${error instanceof Error ? error.message : String(error)}`);
    yield errorLine(error);
  }
}

async function push(
  graph: Graph,
  reference: Reference,
  signal: AbortSignal,
): Promise<AsyncIterable<string>> {
  return pushing(graph, reference, signal);
}

async function* pushing(
  graph: Graph,
  reference: Reference,
  signal: AbortSignal,
): AsyncGenerator<string> {
  yield statusLine(`The push refers to repository [${fullName(reference)}]`);
  try {
    const wanted = graph.names
      .inRepository(reference)
      .filter(one => reference.tag === undefined || one.reference.tag === reference.tag);
    if (wanted.length === 0) {
      const what = `An image does not exist locally with the tag: ${familiarName(reference)}`;
      throw new Refusal('NOT_FOUND', what);
    }
    await knock(reference.domain, signal);
    throw notYet('pushing an image');
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    yield errorLine(error);
  }
}

function notYet(what: string): Refusal {
  return new Refusal('UNSUPPORTED', `${what} is not supported by this engine yet: use docker load`);
}
