// All that is known of one container, as Docker writes it.
//
// - `inspectJob`: { reference, size, minor } → what GET /containers/…/json answers
//
// Reads memory, and of the disk which layers there are. The order of the fields is Docker's.

import { jobType } from '../../../engine/job.ts';
import { shownMount } from '../../../volumes/mount-point.ts';
import type { Containers } from '../core/containers.ts';
import type { Config } from '../record/config.ts';
import { containerIdSchema, type ContainerRecord } from '../record/record.ts';
import { isRunning, type State } from '../record/state.ts';
import { logPath } from '../run/launch.ts';
import { securityOf } from '../create/verify-security.ts';
import { endpointOf } from './endpoints.ts';
import { sizeOf } from './list.ts';

export interface InspectRequest {
  readonly reference: string;
  readonly size: boolean;
  /** Of the API. */
  readonly minor: number;
}

export const inspectJob = jobType<InspectRequest, object>('inspect');

export function inspect(containers: Containers, request: InspectRequest): object {
  const record = containers.find(request.reference);
  const { id, hostConfig } = record;
  const execs = [...containers.live(id).execs.values()]
    .filter(({ state }) => state === 'running')
    .map(exec => exec.id);
  return {
    Id: id,
    Created: record.created,
    Path: record.path,
    Args: record.args,
    State: shownState(record.state),
    Image: record.imageId,
    ...paths(containers, record),
    Name: `/${record.name}`,
    RestartCount: record.restartCount,
    Driver: record.driver,
    Platform: record.platform,
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: securityOf(hostConfig).apparmor ?? '',
    ExecIDs: execs.length > 0 ? execs : null,
    HostConfig: { ...hostConfig, Links: shownLinks(containers, record) },
    GraphDriver: { Data: layersOf(containers, record), Name: record.driver },
    ...(request.size && sizeOf(containers, id)),
    Mounts: record.mounts.filter(({ hidden }) => !hidden).map(shownMount),
    Config: shownConfig(record),
    NetworkSettings: networkSettings(containers, record, request.minor),
  };
}

/** With the hardware address that was asked for in its main network. */
function shownConfig({ config, hostConfig, networks }: ContainerRecord): Config {
  const { MacAddress = config.MacAddress } = networks[hostConfig.NetworkMode] ?? {};
  return { ...config, MacAddress: MacAddress || undefined };
}

/** In the form that `--link` takes, too: `/db:/web/db`. */
function shownLinks({ store }: Containers, record: ContainerRecord): readonly string[] | null {
  const { name, links = {} } = record;
  const shown = Object.entries(links).flatMap(([alias, id]) => {
    const other = store.get(containerIdSchema.parse(id));
    return other === undefined ? [] : [`/${other.name}:/${name}/${alias}`];
  });
  return shown.length > 0 ? shown : null;
}

function shownState(state: State): object {
  const { status, health } = state;
  return {
    Status: status,
    Running: isRunning(state),
    Paused: status === 'paused',
    Restarting: status === 'restarting',
    OOMKilled: state.oomKilled,
    Dead: status === 'dead',
    Pid: state.pid,
    ExitCode: state.exitCode,
    Error: state.error,
    StartedAt: state.startedAt,
    FinishedAt: state.finishedAt,
    ...(health && {
      Health: { Status: health.status, FailingStreak: health.failingStreak, Log: health.log },
    }),
  };
}

/** Where its files lie. The whole of it is mounted in no table but its own. */
function layersOf(containers: Containers, { id, state }: ContainerRecord): object | null {
  const folders = containers.needs.layers.folders(id);
  if (folders === undefined) return null;
  const { upper, lower, work } = folders;
  return {
    ...(lower.length > 0 && { LowerDir: lower.join(':') }),
    ...(state.pid !== 0 && { MergedDir: `/proc/${state.pid}/root` }),
    UpperDir: upper,
    WorkDir: work,
  };
}

/** Files of the host: what others rewrite in place, and read. */
function paths(containers: Containers, record: ContainerRecord): object {
  const folder = containers.folderOf(record.id);
  const isLogged = record.hostConfig.LogConfig.Type !== 'none';
  return {
    ResolvConfPath: `${folder}/resolv.conf`,
    HostnamePath: `${folder}/hostname`,
    HostsPath: `${folder}/hosts`,
    LogPath: isLogged ? logPath(containers, record.id) : '',
  };
}

function networkSettings(containers: Containers, record: ContainerRecord, minor: number): object {
  const { Networks, ...rest } = containers.needs.networks.settings(record);
  const own = [record.id.slice(0, 12), record.config.Hostname];
  const shown = Object.entries(Networks).map(([name, endpoint]) => {
    // Before 1.45 what it is called anyway stood among the aliases.
    const isOwn = minor < 45 && !['bridge', 'host', 'none'].includes(name);
    const Aliases = [...new Set([...(endpoint.Aliases ?? []), ...own])];
    return [name, endpointOf(isOwn ? { ...endpoint, Aliases } : endpoint, minor)];
  });
  return { ...rest, Networks: Object.fromEntries(shown) };
}
