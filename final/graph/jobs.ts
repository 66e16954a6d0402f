// The jobs about images, and who does them.
//
// - `imageJobs`: list, inspect, history, tag, remove, prune, load, save, import, commit, init,
//   graph
// - `registerImageJobs(engine, graph, { containers })`: when the daemon is put together
// - `CommitSource`: what a commit needs of the containers
//
// `load` and `import` read their archive from stdin. What a client is to see of a long one goes to
// stdout, as lines of JSON.

import type { Writable } from 'node:stream';
import type { Filters } from '../api/filters.ts';
import type { Config } from '../daemon/containers/record/config.ts';
import type { Engine } from '../engine/engine.ts';
import { failpoint } from '../engine/failpoints.ts';
import { jobType, type Bytes } from '../engine/job.ts';
import { invalid } from '../engine/refusal.ts';
import { commitContainer } from './archives/commit.ts';
import { importImage, type ImportWish } from './archives/import.ts';
import { loadImages } from './archives/load.ts';
import { saveArchive, wantedImages } from './archives/save.ts';
import { defaultImage } from './default-image.ts';
import type { Graph } from './graph.ts';
import { GraphDb } from './graphdb.ts';
import { historyOf, type HistoryStep } from './images/history.ts';
import { inspectImage, type InspectWish } from './images/inspect.ts';
import { listImages, type ImageSummary, type ListWish } from './images/list.ts';
import { pruneImages, type Pruned } from './images/prune.ts';
import { removeImage, type Removed, type RemoveWish } from './images/remove.ts';
import { tagImage } from './images/tag.ts';
import { loadProgress, writeLoaded } from './archives/progress.ts';
import { familiarText, type Reference } from './reference.ts';

interface Named {
  /** As the user wrote it. */
  readonly image: string;
}

export interface CommitEnv {
  readonly container: string;
  readonly reference: Reference | undefined;
  readonly author: string;
  readonly message: string;
  readonly changes: readonly string[];
  readonly pause: boolean;
  readonly config: Config | undefined;
}

export const imageJobs = {
  list: jobType<ListWish, readonly ImageSummary[]>('images'),
  inspect: jobType<Named & InspectWish, unknown>('image_inspect'),
  history: jobType<Named, readonly HistoryStep[]>('history'),
  tag: jobType<Named & { readonly reference: Reference }, void>('tag'),
  remove: jobType<Named & RemoveWish, readonly Removed[]>('image_delete'),
  prune: jobType<{ readonly filters: Filters }, Pruned>('image_prune'),
  load: jobType<{ readonly quiet: boolean }, void>('load'),
  save: jobType<{ readonly images: readonly string[] }, AsyncIterable<Buffer>>('image_export'),
  import: jobType<ImportWish, string>('import'),
  commit: jobType<CommitEnv, string>('commit'),
  /** `busybox:latest`, from the busybox of this machine. */
  init: jobType<undefined, { readonly Id: string; readonly Name: string }>('image_init'),
  /** The names and what they name, as two trees for people. */
  graph: jobType<undefined, readonly string[]>('graph'),
};

export interface CommitSource {
  /** @throws Refusal NOT_FOUND */
  find(reference: string): {
    readonly id: string;
    readonly imageId: string;
    readonly config: Config;
  };
  /** It stands still until this is disposed of, if it runs at all. */
  freeze(id: string): Promise<AsyncDisposable>;
  /** Something was made of it: its event. */
  committed(id: string, image: string, name: string, message: string): void;
}

export interface ImageJobsOptions {
  readonly containers: CommitSource;
}

export function registerImageJobs(engine: Engine, graph: Graph, options: ImageJobsOptions): void {
  engine.register(imageJobs.list, ({ env }) => listImages(graph, env));
  engine.register(imageJobs.inspect, ({ env }) => inspectImage(graph, graph.get(env.image), env));
  engine.register(imageJobs.history, ({ env }) => historyOf(graph, graph.get(env.image)));
  engine.register(imageJobs.tag, ({ env }) => tagImage(graph, graph.get(env.image), env.reference));
  engine.register(imageJobs.remove, ({ env }) => removeImage(graph, env.image, env));
  engine.register(imageJobs.prune, ({ env }) => pruneImages(graph, env.filters));
  engine.register(imageJobs.load, ({ env, stdin, stdout, signal }) =>
    load(graph, archiveOf(stdin), env.quiet ? undefined : stdout, stdout, signal),
  );
  engine.register(imageJobs.save, ({ env }) => saveArchive(graph, wantedImages(graph, env.images)));
  engine.register(imageJobs.import, async ({ env, stdin }) => {
    const image = await importImage(graph, archiveOf(stdin), env);
    return image.id;
  });
  engine.register(imageJobs.commit, ({ env }) => commit(graph, options.containers, env));
  engine.register(imageJobs.init, async () => {
    const { id } = await defaultImage(graph);
    return { Id: id, Name: 'busybox:latest' };
  });
  engine.register(imageJobs.graph, () => [
    ...new GraphDb(graph.database, 'containers').lines(),
    ...graph.names.graph.lines(),
  ]);
}

function archiveOf(stdin: Bytes | undefined): Bytes {
  if (stdin === undefined) throw invalid('an archive is expected');
  return stdin;
}

async function load(
  graph: Graph,
  stdin: Bytes,
  progress: Writable | undefined,
  stdout: Writable | undefined,
  signal: AbortSignal,
): Promise<void> {
  const onLayer = progress === undefined ? undefined : loadProgress(progress);
  const loaded = await loadImages(graph, stdin, { signal, ...(onLayer && { onLayer }) });
  if (stdout !== undefined) writeLoaded(stdout, loaded);
}

async function commit(graph: Graph, source: CommitSource, env: CommitEnv): Promise<string> {
  const { id, imageId, config } = source.find(env.container);
  const { reference, author, message, changes } = env;
  await using _ = env.pause ? await source.freeze(id) : undefined;
  failpoint('commit.frozen');
  const wish = { container: id, image: imageId, config, newConfig: env.config };
  const image = await commitContainer(graph, { ...wish, reference, author, message, changes });
  const name = reference === undefined ? '' : familiarText(reference);
  source.committed(id, image.id, name, message);
  return image.id;
}
