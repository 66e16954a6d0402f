// The API about the engine itself: ping, version, info, events.
//
//     HEAD|GET /_ping      before anything else: which versions are spoken
//     GET      /version
//     GET      /info
//     GET      /events     JSON lines, until `until` or for ever
//     GET      /system/df  what takes space
//
// What belongs to a swarm, and what is built elsewhere, answers in absent.ts; what is ours alone in
// slipway.ts.

import { z } from 'zod';
import type { JobType } from '../../engine/job.ts';
import { invalid } from '../../engine/refusal.ts';
import { eventFilters } from '../../daemon/events/filter.ts';
import { eventLine } from '../../daemon/events/event.ts';
import { eventsJob, type EventWindow } from '../../daemon/events.ts';
import { dfJob, spaceKinds } from '../../daemon/system/df.ts';
import { infoJob } from '../../daemon/system/info.ts';
import { versionJob } from '../../daemon/system/version.ts';
import { type Moment, parseMoment } from '../moments.ts';
import { filters, list, text } from '../query.ts';
import { type Answer, type Call, type Route, route } from '../route.ts';

const pingHeaders = {
  'Builder-Version': '1',
  Swarm: 'inactive',
  'Cache-Control': 'no-cache, no-store, must-revalidate',
  Pragma: 'no-cache',
};

const ping = (method: 'GET' | 'HEAD'): Route =>
  route({
    method,
    path: '/_ping',
    job: '-',
    handle: () => Promise.resolve({ kind: 'text', text: 'OK', headers: pingHeaders }),
  });

/** A job that is asked for nothing and returns what is answered. */
const facts = <Result>(path: string, job: JobType<undefined, Result>): Route =>
  route({
    method: 'GET',
    path,
    job: job.name,
    handle: async ({ engine }) => ({
      kind: 'json',
      status: 200,
      value: await engine.run(job, { env: undefined }),
    }),
  });

const eventsQuery = z.object({ since: text(), until: text(), filters: filters(eventFilters) });
type EventsQuery = z.output<typeof eventsQuery>;

async function events({ engine, query, signal }: Call<EventsQuery, undefined>): Promise<Answer> {
  const env = { ...windowOf(query), filters: query.filters };
  const found = await engine.run(eventsJob, { env, signal });
  return { kind: 'stream', type: 'application/json', chunks: lines(found) };
}

async function* lines(found: AsyncIterable<Parameters<typeof eventLine>[0]>) {
  for await (const event of found) yield eventLine(event);
}

function windowOf({ since, until }: EventsQuery): EventWindow {
  const window = { since: momentOf(since), until: momentOf(until) };
  if (window.since !== undefined && window.until !== undefined && window.since > window.until) {
    throw invalid(`\`since\` time (${since}) cannot be after \`until\` time (${until})`);
  }
  return window;
}

function momentOf(written: string | undefined): Moment | undefined {
  if (written === undefined) return undefined;
  const found = parseMoment(written);
  if (found !== undefined) return found;
  throw invalid(`strconv.ParseInt: parsing ${JSON.stringify(written)}: invalid syntax`);
}

const dfQuery = z.object({ type: list().pipe(z.array(z.enum(spaceKinds))) });

const df = route({
  method: 'GET',
  path: '/system/df',
  job: dfJob.name,
  query: dfQuery,
  handle: async ({ engine, query, version: { minor } }) => {
    const value = await engine.run(dfJob, { env: { kinds: query.type, minor } });
    return { kind: 'json', status: 200, value };
  },
});

export const systemRoutes: readonly Route[] = [
  ping('GET'),
  ping('HEAD'),
  facts('/version', versionJob),
  facts('/info', infoJob),
  df,
  route({ method: 'GET', path: '/events', job: 'events', query: eventsQuery, handle: events }),
];
