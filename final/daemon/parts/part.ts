// A part of the daemon: one noun with its jobs and routes.
//
// - `Common`   what every part is opened with
// - `Part`     what the daemon asks of one

import type { Logger } from 'pino';
import type { Route } from '../../api/route.ts';
import type { Engine } from '../../engine/engine.ts';
import type { Database } from '../../graph/database.ts';
import type { Clock } from '../clock.ts';
import type { EventBus } from '../events.ts';
import type { Settings } from '../start/settings.ts';
import type { InfoPart } from '../system/info.ts';

export interface Common {
  /** As they are now: some change while the daemon runs. */
  readonly settings: () => Settings;
  readonly environment: NodeJS.ProcessEnv;
  readonly engine: Engine;
  readonly events: EventBus;
  readonly clock: Clock;
  readonly database: Database;
  readonly logger: Logger;
}

export interface Part {
  readonly routes: readonly Route[];
  readonly info?: InfoPart;
  /** Parts end in reverse order. `timeoutS` is what containers have; undefined: they go on. */
  close?(timeoutS: number | undefined): Promise<void> | void;
}
