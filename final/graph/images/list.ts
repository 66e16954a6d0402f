// GET /images/json: which images there are.
//
// - `listImages(graph, wish)`: the answer, the newest first
// - `imageFilters`: the names of filters that it understands
//
// An image that others were made from by commit or build, and that has no name, is shown only when
// all are asked for. `SharedSize` is the layers that another image stands on too.

import { boolean, hasLabels, valuesOf, type Filters } from '../../api/filters.ts';
import { parseMoment, type Moment } from '../../api/moments.ts';
import { invalid } from '../../engine/refusal.ts';
import type { StoredImage } from '../../libcontainer/layers.ts';
import type { Graph } from '../graph.ts';
import { familiarName, familiarText, type Reference } from '../reference.ts';
import { nanosecondsOf, secondsOf } from './moments.ts';
import { matchesReference } from './pattern.ts';

export const imageFilters = ['before', 'dangling', 'label', 'reference', 'since', 'until'];

export interface ListWish {
  readonly all?: boolean;
  readonly filters?: Filters;
  readonly sharedSize?: boolean;
  /** Before 1.43 an image without names was called `<none>:<none>`. */
  readonly saysNone?: boolean;
  /** Before 1.44 the size stood there twice. */
  readonly virtualSize?: boolean;
}

export interface ImageSummary {
  readonly Containers: number;
  readonly Created: number;
  readonly Id: string;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly ParentId: string;
  readonly RepoDigests: readonly string[];
  readonly RepoTags: readonly string[];
  readonly SharedSize: number;
  readonly Size: number;
  readonly VirtualSize?: number;
}

/** @throws Refusal INVALID for a filter's value, NOT_FOUND for an image that one names */
export function listImages(graph: Graph, wish: ListWish = {}): readonly ImageSummary[] {
  const { filters = new Map<string, readonly string[]>() } = wish;
  const isWanted = chooser(graph, filters);
  const dangling = boolean(filters, 'dangling');
  const patterns = valuesOf(filters, 'reference');
  const chosen = graph.images().flatMap(image => {
    if (!isWanted(image)) return [];
    const all = graph.names.of(image.id);
    const named = all.filter(
      one => patterns.length === 0 || patterns.some(pattern => matchesReference(pattern, one)),
    );
    if (patterns.length > 0 && named.length === 0) return [];
    const isDangling = all.length === 0;
    const isBetween = isDangling && graph.names.childrenOf(image.id).length > 0;
    if (isBetween && wish.all !== true) return [];
    if (dangling !== undefined && dangling !== isDangling) return [];
    return [{ image, names: named }];
  });
  const shared = wish.sharedSize === true ? sharedLayers(graph) : undefined;
  return chosen
    .map(({ image, names }) => summary(graph, image, names, wish, shared))
    .toSorted((a, b) => b.Created - a.Created || (a.Id < b.Id ? -1 : 1));
}

function chooser(graph: Graph, filters: Filters): (image: StoredImage) => boolean {
  const times = (name: string): readonly bigint[] =>
    valuesOf(filters, name).map(text => nanosecondsOf(graph.get(text).config.created));
  const before = times('before');
  const since = times('since');
  const until = untilOf(filters, graph.now());
  return ({ config }) => {
    const created = nanosecondsOf(config.created);
    return (
      before.every(time => created < time) &&
      since.every(time => created > time) &&
      until.every(time => created < time) &&
      hasLabels(filters, 'label', config.config?.Labels ?? {})
    );
  };
}

/** @throws Refusal INVALID */
export function untilOf(filters: Filters, now: Date): readonly Moment[] {
  return valuesOf(filters, 'until').map(text => {
    const moment = parseMoment(text, now.getTime());
    if (moment === undefined)
      throw invalid(`failed to parse value as time or duration: ${JSON.stringify(text)}`);
    return moment;
  });
}

/** Layers that more than one image stands on. */
function sharedLayers(graph: Graph): ReadonlySet<string> {
  const once = new Set<string>();
  const shared = new Set<string>();
  for (const layer of graph.images().flatMap(({ layers }) => layers)) {
    (once.has(layer) ? shared : once).add(layer);
  }
  return shared;
}

function summary(
  graph: Graph,
  image: StoredImage,
  names: readonly Reference[],
  wish: ListWish,
  shared: ReadonlySet<string> | undefined,
): ImageSummary {
  const { id, config, layers } = image;
  const size = graph.sizeOf(image);
  const common = layers.filter(layer => shared?.has(layer));
  const { tags, digests } = shownNames(names);
  const none = wish.saysNone === true && names.length === 0;
  return {
    Containers: -1,
    Created: secondsOf(config.created),
    Id: id,
    Labels: config.config?.Labels ?? null,
    ParentId: graph.names.parentOf(id) ?? '',
    RepoDigests: none ? ['<none>@<none>'] : digests,
    RepoTags: none ? ['<none>:<none>'] : tags,
    SharedSize: shared ? common.reduce((sum, layer) => sum + graph.layerSize(layer), 0) : -1,
    Size: size,
    ...(wish.virtualSize === true && { VirtualSize: size }),
  };
}

export interface ShownNames {
  readonly tags: readonly string[];
  readonly digests: readonly string[];
}

export function shownNames(names: readonly Reference[]): ShownNames {
  return {
    tags: names.filter(one => one.digest === undefined).map(familiarText),
    digests: names.flatMap(one =>
      one.digest === undefined ? [] : [`${familiarName(one)}@${one.digest}`],
    ),
  };
}
