// The routes of images that answer and are done.
//
// - `imagesRoutes`: list, inspect, history, tag, remove, prune, commit; and those of archives
//
// Archives and registries are in images-transfer.ts. Source: Docker Engine API v1.45, "Image".

import { z } from 'zod';
import { configSchema } from '../../daemon/containers/record/config.ts';
import { invalid } from '../../engine/refusal.ts';
import { imageFilters } from '../../graph/images/list.ts';
import { pruneFilters } from '../../graph/images/prune.ts';
import { imageJobs } from '../../graph/jobs.ts';
import { repositoryAndTag } from '../../graph/reference.ts';
import { valuesOf } from '../filters.ts';
import { filters, flag, flagOr, list as listOf, text } from '../query.ts';
import { route, type Route } from '../route.ts';
import { imagesTransfer } from './images-transfer.ts';

type Params = Readonly<Record<string, string>>;

const imageOf = (params: Params): string => params['name'] ?? '';

const list = route({
  method: 'GET',
  path: '/images/json',
  job: imageJobs.list.name,
  query: z.object({
    all: flag(),
    'shared-size': flag(),
    filters: filters(imageFilters),
    // Before 1.41 a pattern stood here.
    filter: text(),
  }),
  handle: async ({ engine, version: { minor }, query }) => {
    const { all, filters: wanted, filter } = query;
    const pattern = minor < 41 && filter !== undefined ? [filter] : [];
    const references = [...valuesOf(wanted, 'reference'), ...pattern];
    const env = {
      all,
      sharedSize: minor >= 42 && query['shared-size'],
      filters: new Map(references.length > 0 ? [...wanted, ['reference', references]] : wanted),
      saysNone: minor < 43,
      virtualSize: minor < 44,
    };
    return { kind: 'json', status: 200, value: await engine.run(imageJobs.list, { env }) };
  },
});

const inspect = route({
  method: 'GET',
  path: '/images/:name/json',
  job: imageJobs.inspect.name,
  handle: async ({ engine, params, version: { minor } }) => {
    const image = imageOf(params);
    const env = {
      ...{ image, virtualSize: minor < 44 },
      ...{ containerConfig: minor < 45, lean: minor >= 50 },
    };
    const value = await engine.run(imageJobs.inspect, { args: [image], env });
    return { kind: 'json', status: 200, value };
  },
});

const history = route({
  method: 'GET',
  path: '/images/:name/history',
  job: imageJobs.history.name,
  handle: async ({ engine, params }) => {
    const image = imageOf(params);
    const value = await engine.run(imageJobs.history, { args: [image], env: { image } });
    return { kind: 'json', status: 200, value };
  },
});

const tag = route({
  method: 'POST',
  path: '/images/:name/tag',
  job: imageJobs.tag.name,
  query: z.object({ repo: text(), tag: text() }),
  handle: async ({ engine, params, query }) => {
    const image = imageOf(params);
    const reference = repositoryAndTag(query.repo ?? '', query.tag ?? '');
    if (reference === undefined) throw invalid('invalid reference format');
    await engine.run(imageJobs.tag, { args: [image], env: { image, reference } });
    return { kind: 'empty', status: 201 };
  },
});

const remove = route({
  method: 'DELETE',
  path: '/images/:name',
  job: imageJobs.remove.name,
  query: z.object({ force: flag(), noprune: flag() }),
  handle: async ({ engine, params, query: { force, noprune } }) => {
    const image = imageOf(params);
    const env = { image, force, prune: !noprune };
    const value = await engine.run(imageJobs.remove, { args: [image], env });
    return { kind: 'json', status: 200, value };
  },
});

const prune = route({
  method: 'POST',
  path: '/images/prune',
  job: imageJobs.prune.name,
  query: z.object({ filters: filters(pruneFilters) }),
  handle: async ({ engine, query }) => {
    const value = await engine.run(imageJobs.prune, { env: query });
    return { kind: 'json', status: 200, value };
  },
});

const commit = route({
  method: 'POST',
  path: '/commit',
  job: imageJobs.commit.name,
  query: z.object({
    container: text(),
    repo: text(),
    tag: text(),
    author: text(),
    comment: text(),
    changes: listOf(),
    pause: flagOr(true),
  }),
  body: z.union([z.strictObject({}).transform(() => undefined), configSchema]),
  handle: async ({ engine, query, body: config }) => {
    const { container = '', repo = '', tag: asked = '', author = '', comment = '' } = query;
    const reference = repositoryAndTag(repo, asked);
    const { changes, pause } = query;
    const env = { container, reference, author, message: comment, changes, pause, config };
    const id = await engine.run(imageJobs.commit, { args: [container], env });
    return { kind: 'json', status: 201, value: { Id: id } };
  },
});

export const imagesRoutes: readonly Route[] = [
  list,
  inspect,
  history,
  tag,
  remove,
  prune,
  commit,
  ...imagesTransfer,
];
