// The part that is the engine itself: its version, its events, its jobs.
//
// - `openSystem(common, parts)`   `parts`: those that say something of themselves in `info`

import { randomUUID } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatVersion, newest, oldest } from '../../api/http/versions.ts';
import { absentRoutes } from '../../api/routes/absent.ts';
import { slipwayRoutes } from '../../api/routes/slipway.ts';
import { systemRoutes } from '../../api/routes/system.ts';
import { eventsJob } from '../events.ts';
import { infoJob, infoOf } from '../system/info.ts';
import { jobsAnswer, jobsJob } from '../system/jobs.ts';
import { engineVersion, versionJob, versionOf } from '../system/version.ts';
import type { Common, Part } from './part.ts';

export function openSystem(common: Common, parts: () => readonly Part[]): Part {
  const { engine, events, settings } = common;
  const version = engineVersion();
  const id = engineId(settings()['data-root'], message => common.logger.warn(message));
  const range = { newest: formatVersion(newest), oldest: formatVersion(oldest) };
  engine.register(versionJob, () => versionOf(version, range, settings().experimental));
  engine.register(infoJob, () => {
    const saying = parts().flatMap(({ info }) => info ?? []);
    return infoOf({ id, version, settings: settings(), parts: saying, now: () => new Date() });
  });
  engine.register(jobsJob, () => jobsAnswer(engine.names(), engine.running()));
  engine.register(eventsJob, ({ env, signal }) => events.read(env, signal));
  return { routes: [...systemRoutes, ...slipwayRoutes, ...absentRoutes] };
}

/** The same for ever: who watches many engines tells them apart by it. */
function engineId(dataRoot: string, warn: (message: string) => void): string {
  const file = join(dataRoot, 'engine-id');
  try {
    const id = readFileSync(file, 'utf8').trim();
    if (/^[\w:-]+$/.test(id)) return id;
  } catch {
    // The first start.
  }
  const id = randomUUID();
  try {
    writeFileSync(file, `${id}\n`);
  } catch (error) {
    warn(`the engine's id is not kept: ${String(error)}`);
  }
  return id;
}
