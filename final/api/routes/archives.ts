// The routes that carry files of containers as archives.
//
// - `archiveRoutes`: archive (GET, HEAD, PUT), export, changes
//
// Source: Docker Engine API v1.45, "Container".

import { z } from 'zod';
import { changesJob } from '../../daemon/containers/files/changes.ts';
import { archiveJob, archiveStatJob, exportJob } from '../../daemon/containers/files/read.ts';
import { statHeader, type PathStat } from '../../daemon/containers/files/stat.ts';
import { extractJob } from '../../daemon/containers/files/write.ts';
import { flag, text } from '../query.ts';
import { route, type Route } from '../route.ts';
import { referenceOf } from './containers.ts';

const statOf = (stat: PathStat): Readonly<Record<string, string>> => ({
  'X-Docker-Container-Path-Stat': statHeader(stat),
});

const pathQuery = z.object({ path: text() });

const get = route({
  method: 'GET',
  path: '/containers/:id/archive',
  job: archiveJob.name,
  query: pathQuery,
  handle: async ({ engine, params, query: { path = '' } }) => {
    const env = { reference: referenceOf(params), path };
    const { stat, pieces } = await engine.run(archiveJob, { args: [env.reference, path], env });
    return { kind: 'stream', type: 'application/x-tar', chunks: pieces, headers: statOf(stat) };
  },
});

const head = route({
  method: 'HEAD',
  path: '/containers/:id/archive',
  job: archiveStatJob.name,
  query: pathQuery,
  handle: async ({ engine, params, query: { path = '' } }) => {
    const env = { reference: referenceOf(params), path };
    const stat = await engine.run(archiveStatJob, { args: [env.reference, path], env });
    return { kind: 'empty', status: 200, headers: statOf(stat) };
  },
});

const put = route({
  method: 'PUT',
  path: '/containers/:id/archive',
  job: extractJob.name,
  query: z.object({ path: text(), noOverwriteDirNonDir: flag(), copyUIDGID: flag() }),
  body: 'stream',
  handle: async ({ engine, params, query, stream }) => {
    const { path = '', noOverwriteDirNonDir, copyUIDGID } = query;
    const reference = referenceOf(params);
    const env = { reference, path, noOverwriteDirNonDir, copyUIDGID, archive: stream };
    await engine.run(extractJob, { args: [reference, path], env });
    return { kind: 'empty', status: 200 };
  },
});

const exported = route({
  method: 'GET',
  path: '/containers/:id/export',
  job: exportJob.name,
  handle: async ({ engine, params }) => {
    const env = { reference: referenceOf(params) };
    const chunks = await engine.run(exportJob, { args: [env.reference], env });
    return { kind: 'stream', type: 'application/octet-stream', chunks };
  },
});

const changes = route({
  method: 'GET',
  path: '/containers/:id/changes',
  job: changesJob.name,
  handle: async ({ engine, params }) => {
    const env = { reference: referenceOf(params) };
    const value = await engine.run(changesJob, { args: [env.reference], env });
    return { kind: 'json', status: 200, value };
  },
});

export const archiveRoutes: readonly Route[] = [get, head, put, exported, changes];
