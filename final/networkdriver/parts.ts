// What the verbs of networks share: handed around, so that each verb stands in a file of its own.
//
// - `Parts`
// - `sandboxOf(parts, id)`: the one of this container, made if there is none
// - `gatewayAmong(endpoints)`: the endpoint by which a container reaches everything else

import type { OpenNetwork } from '@slipway/native';
import type { Spares } from '../engine/spares.ts';
import type { Ip, NetworkHost } from '../libcontainer/network.ts';
import type { Catalogue } from './network/catalogue.ts';
import type { ContainersOnNetworks } from './driver.ts';
import type { Leases } from './ipam/leases.ts';
import type { NetworkRecord } from './network/record.ts';
import { Sandbox } from './sandbox/sandbox.ts';
import type { AskedEndpoint } from './settings.ts';

/** Where it is told what has happened; the daemon's bus of events is one. */
export interface NetworkEvents {
  emit(
    type: 'network',
    action: string,
    id: string,
    attributes?: Readonly<Record<string, string>>,
  ): void;
}

export interface Parts {
  readonly host: NetworkHost;
  readonly catalogue: Catalogue;
  readonly leases: Leases;
  readonly containers: ContainersOnNetworks;
  readonly events: NetworkEvents;
  readonly log: (message: string) => void;
  readonly sandboxes: Map<string, Sandbox>;
  /** Namespaces for who has none yet: `lo` is up. */
  readonly namespaces: Spares<OpenNetwork>;
  readonly hostGateway: Ip | undefined;
  /** Of the daemon, where a container says nothing of its own. */
  readonly dns: {
    readonly servers: readonly string[];
    readonly search: readonly string[];
    readonly options: readonly string[];
  };
}

export function sandboxOf({ sandboxes }: Parts, id: string): Sandbox {
  const known = sandboxes.get(id);
  if (known) return known;
  const sandbox = new Sandbox();
  sandboxes.set(id, sandbox);
  return sandbox;
}

/** One network of a container, found. */
export interface Place {
  readonly name: string;
  readonly record: NetworkRecord;
  readonly asked: AskedEndpoint;
}

/** The highest priority, then the first by name; a network for itself leads nowhere. */
export function gatewayAmong<One extends Pick<Place, 'record' | 'asked'>>(
  places: readonly One[],
): One | undefined {
  return places
    .filter(({ record }) => record.driver === 'bridge' && !record.internal)
    .toSorted(
      (a, b) =>
        (b.asked.GwPriority ?? 0) - (a.asked.GwPriority ?? 0) ||
        (a.record.name < b.record.name ? -1 : 1),
    )[0];
}

export function tell(
  { events }: Pick<Parts, 'events'>,
  action: string,
  { id, name, driver }: NetworkRecord,
  container?: string,
): void {
  const whose = container === undefined ? {} : { container };
  events.emit('network', action, id, { name, type: driver, ...whose });
}
