// Which job of the engine is done by which verb of the containers: the whole list.
//
// - `registerContainers(engine, containers)`: once, when the daemon is put together

import type { Engine } from '../../engine/engine.ts';
import type { Containers } from './core/containers.ts';
import { createContainer, createJob } from './create/create.ts';
import { execCreate, execCreateJob } from './exec/create.ts';
import { execInspect, execInspectJob, execResize, execResizeJob } from './exec/inspect.ts';
import { execStart, execStartJob } from './exec/start.ts';
import { changes, changesJob } from './files/changes.ts';
import * as read from './files/read.ts';
import { extract, extractJob } from './files/write.ts';
import { attach, attachJob } from './io/attach.ts';
import { logs, logsJob } from './logs/logs.ts';
import { startByReference, startJob } from './run/start.ts';
import * as explain from './show/explain.ts';
import { inspect, inspectJob } from './show/inspect.ts';
import { list, listJob } from './show/list.ts';
import { stats, statsJob } from './show/stats.ts';
import { top, topJob } from './show/top.ts';
import { kill, killJob } from './verbs/kill.ts';
import { pause, pauseJob, unpause, unpauseJob } from './verbs/pause.ts';
import { prune, pruneJob } from './verbs/prune.ts';
import { remove, removeJob } from './verbs/remove.ts';
import { rename, renameJob } from './verbs/rename.ts';
import { resize, resizeJob } from './verbs/resize.ts';
import { restart, restartJob } from './verbs/restart.ts';
import { stop, stopJob } from './verbs/stop.ts';
import { update, updateJob } from './verbs/update.ts';
import { wait, waitJob } from './verbs/wait.ts';

export function registerContainers(engine: Engine, containers: Containers): void {
  engine.register(createJob, ({ env }) => createContainer(containers, env));
  engine.register(startJob, ({ env }) => startByReference(containers, env.reference));
  engine.register(stopJob, ({ env }) => stop(containers, env));
  engine.register(restartJob, ({ env }) => restart(containers, env));
  engine.register(killJob, ({ env }) => kill(containers, env));
  engine.register(pauseJob, ({ env }) => pause(containers, env.reference));
  engine.register(unpauseJob, ({ env }) => unpause(containers, env.reference));
  engine.register(waitJob, ({ env }) => wait(containers, env));
  engine.register(renameJob, ({ env }) => rename(containers, env));
  engine.register(removeJob, ({ env }) => remove(containers, env));
  engine.register(resizeJob, ({ env }) => resize(containers, env));
  engine.register(updateJob, ({ env }) => update(containers, env));
  engine.register(pruneJob, ({ env }) => prune(containers, env.filters));
  registerReaders(engine, containers);
}

function registerReaders(engine: Engine, containers: Containers): void {
  engine.register(listJob, ({ env }) => list(containers, env));
  engine.register(inspectJob, ({ env }) => inspect(containers, env));
  engine.register(explain.explainJob, ({ env }) => explain.explain(containers, env.reference));
  engine.register(explain.explainRunJob, ({ env }) => explain.explainRun(containers, env));
  engine.register(explain.explainExecJob, ({ env }) => explain.explainExec(containers, env));
  engine.register(topJob, ({ env }) => top(containers, env));
  engine.register(statsJob, ({ env }) => stats(containers, env));
  engine.register(logsJob, ({ env }) => logs(containers, env));
  engine.register(changesJob, ({ env }) => changes(containers, env.reference));
  engine.register(read.archiveJob, ({ env }) => read.archive(containers, env));
  engine.register(read.archiveStatJob, ({ env }) => read.archiveStat(containers, env));
  engine.register(read.exportJob, ({ env }) => read.exportContainer(containers, env.reference));
  engine.register(extractJob, ({ env }) => extract(containers, env));
  engine.register(attachJob, ({ env }) => attach(containers, env));
  engine.register(execCreateJob, ({ env }) => execCreate(containers, env));
  engine.register(execStartJob, ({ env }) => execStart(containers, env));
  engine.register(execInspectJob, ({ env }) => execInspect(containers, env.id));
  engine.register(execResizeJob, ({ env }) => execResize(containers, env));
}
