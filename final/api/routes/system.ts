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
import type { Event } from '../../daemon/events/event.ts';
import { eventLine } from '../../daemon/events/event.ts';
import { eventsJob, type EventWindow } from '../../daemon/events.ts';
import { dfJob, spaceKinds, type SpaceKind } from '../../daemon/system/df.ts';
import { infoJob, type Info } from '../../daemon/system/info.ts';
import { versionJob } from '../../daemon/system/version.ts';
import { type Moment, parseMoment } from '../moments.ts';
import { anyFilters, list, text } from '../query.ts';
import { type Answer, type ApiVersion, type Call, type Route, route } from '../route.ts';

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

const info = route({
  method: 'GET',
  path: '/info',
  job: infoJob.name,
  handle: async ({ engine, version: { minor } }) => {
    const value = await engine.run(infoJob, { env: undefined });
    return { kind: 'json', status: 200, value: infoAt(value, minor) };
  },
});

/** What later versions left out, and earlier ones did not have. */
function infoAt(newest: Info, minor: number): Info {
  const { BridgeNfIptables, BridgeNfIp6tables, SecurityOptions, ...rest } = newest;
  const { RegistryConfig, ContainerdCommit, RuncCommit, InitCommit } = newest;
  const never = {
    AllowNondistributableArtifactsCIDRs: null,
    AllowNondistributableArtifactsHostnames: null,
  };
  const expected = (commit: unknown): object => {
    const { ID = '' } = commit as { readonly ID?: string };
    return { ID, ...(minor < 49 && { Expected: ID }) };
  };
  const names = Array.isArray(SecurityOptions) ? SecurityOptions.map(nameOfOption) : null;
  return {
    ...rest,
    RegistryConfig: { ...(minor < 47 && never), ...(RegistryConfig as object) },
    ContainerdCommit: expected(ContainerdCommit),
    RuncCommit: expected(RuncCommit),
    InitCommit: expected(InitCommit),
    ...(minor < 50 && { BridgeNfIptables, BridgeNfIp6tables }),
    SecurityOptions: minor < 25 ? names : SecurityOptions,
    ...(minor < 25 && { ExecutionDriver: '<not supported>' }),
  };
}

/** `name=seccomp,profile=builtin` → `seccomp` */
function nameOfOption(option: unknown): string {
  return /name=([^,]*)/.exec(String(option))?.[1] ?? String(option);
}

const eventsQuery = z.object({ since: text(), until: text(), filters: anyFilters() });
type EventsQuery = z.output<typeof eventsQuery>;

async function events(call: Call<EventsQuery, undefined>): Promise<Answer> {
  const { engine, query, signal, version } = call;
  const env = { ...windowOf(query), filters: query.filters };
  const found = await engine.run(eventsJob, { env, signal });
  return { kind: 'stream', type: 'application/json', chunks: lines(found, version) };
}

async function* lines(found: AsyncIterable<Event>, { minor }: ApiVersion) {
  for await (const event of found) {
    // That an image was made is told since 1.46.
    if (minor < 46 && event.type === 'image' && event.action === 'create') continue;
    yield eventLine(event);
  }
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

const dfQuery = z.object({ type: list() });

function kindsOf(types: readonly string[], minor: number): readonly SpaceKind[] {
  if (minor < 42) return [];
  return types.map(type => {
    const kind = spaceKinds.find(one => one === type);
    if (kind === undefined) throw invalid(`unknown object type: ${type}`);
    return kind;
  });
}

const df = route({
  method: 'GET',
  path: '/system/df',
  job: dfJob.name,
  query: dfQuery,
  handle: async ({ engine, query, version: { minor } }) => {
    const env = { kinds: kindsOf(query.type, minor), minor };
    const value = await engine.run(dfJob, { env });
    return { kind: 'json', status: 200, value };
  },
});

export const systemRoutes: readonly Route[] = [
  ping('GET'),
  ping('HEAD'),
  facts('/version', versionJob),
  info,
  df,
  route({ method: 'GET', path: '/events', job: 'events', query: eventsQuery, handle: events }),
];
