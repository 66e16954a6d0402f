// `docker ps`: a line for each container, the newest first.
//
// - `listJob`: { all, limit, size, filters } → what GET /containers/json answers
//
// Reads memory alone, but for `size`: however busy a container is, nobody waits for it here.

import type { Filters } from '../../../api/filters.ts';
import { jobType } from '../../../engine/job.ts';
import { shownMount } from '../../../volumes/mount-point.ts';
import type { Containers } from '../core/containers.ts';
import { timeOf, type Moment } from '../core/moments.ts';
import type { ContainerRecord } from '../record/record.ts';
import { isRunning } from '../record/state.ts';
import { choose } from './choose.ts';
import { endpointOf } from './endpoints.ts';
import { shownPorts } from './ports.ts';
import { statusText } from './status.ts';

export interface ListRequest {
  readonly all: boolean;
  /** So many of the newest, whether they run or not. */
  readonly limit: number | undefined;
  readonly size: boolean;
  readonly filters: Filters;
  /** Of the API: what it shows of networks. */
  readonly minor: number;
}

export const listJob = jobType<ListRequest, readonly unknown[]>('ps');

export function list(containers: Containers, request: ListRequest): readonly unknown[] {
  const { all, limit = 0, size, filters, minor } = request;
  const { isWanted, asksForState } = choose(containers, filters);
  const shown: unknown[] = [];
  const newestFirst = [...containers.all()].toSorted(newerFirst);
  const view = { containers, now: containers.needs.now(), minor, images: new Map() };
  for (const record of newestFirst) {
    if (limit > 0 && shown.length === limit) break;
    if (!all && limit <= 0 && !asksForState && !isRunning(record.state)) continue;
    if (!isWanted(record)) continue;
    shown.push({ ...line(view, record), ...(size && sizeOf(containers, record.id)) });
  }
  return shown;
}

function newerFirst(a: ContainerRecord, b: ContainerRecord): number {
  const [first, second] = [timeOf(a.created) ?? 0n, timeOf(b.created) ?? 0n];
  return first === second ? 0 : first < second ? 1 : -1;
}

interface View {
  readonly containers: Containers;
  readonly now: Moment;
  readonly minor: number;
  /** What names of images mean now. */
  readonly images: Map<string, string>;
}

function line(view: View, record: ContainerRecord): object {
  const { id, path, args, config, hostConfig, state } = record;
  const { Ports, Networks } = view.containers.needs.networks.settings(record);
  const networks = Object.entries(Networks).map(([network, endpoint]) => [
    network,
    endpointOf(endpoint, view.minor),
  ]);
  return {
    Id: id,
    Names: view.containers.store.namesOf(id),
    Image: imageName(view, record),
    ImageID: record.imageId,
    Command: commandText([path, ...args]),
    Created: Number((timeOf(record.created) ?? 0n) / 1_000_000_000n),
    Ports: isRunning(state) ? shownPorts(Ports) : [],
    Labels: config.Labels ?? {},
    State: state.status,
    Status: statusText(state, view.now),
    HostConfig: {
      NetworkMode: hostConfig.NetworkMode,
      ...(view.minor >= 46 && hostConfig.Annotations && { Annotations: hostConfig.Annotations }),
    },
    NetworkSettings: { Networks: Object.fromEntries(networks) },
    Mounts: record.mounts.filter(({ hidden }) => !hidden).map(shownMount),
  };
}

/** Words with a blank in them are quoted. */
function commandText(words: readonly string[]): string {
  return words.map(word => (word.includes(' ') ? `'${word}'` : word)).join(' ');
}

/** The name that was used, unless it means another image by now. */
function imageName({ containers, images }: View, { config, imageId }: ContainerRecord): string {
  const name = config.Image;
  let id = images.get(name);
  if (id === undefined) {
    id = idOfImage(containers, name);
    images.set(name, id);
  }
  return id === imageId ? name : imageId;
}

function idOfImage(containers: Containers, name: string): string {
  try {
    return containers.needs.images.find(name).id;
  } catch {
    return '';
  }
}

export function sizeOf(
  containers: Containers,
  id: string,
): { readonly SizeRw: number; readonly SizeRootFs: number } {
  const { layers } = containers.needs;
  if (!layers.exists(id)) return { SizeRw: 0, SizeRootFs: 0 };
  const { rw, rootFs } = layers.sizes(id);
  return { SizeRw: rw, SizeRootFs: rootFs };
}
