// A network as the API shows it, in lists and in an inspection.
//
// - `shownNetwork(record, members, minor)`: its own facts
// - `membersOf(record, parts)`: who is in it, for an inspection
// - `isWanted(record, filters, isUsed)`, `networkFilters`: which a list is to have
//
// Source: Engine API v1.45, NetworkInspect.

import { invalid } from '../../engine/refusal.ts';
import { hasLabels, likeOne, oneOf, valuesOf, boolean, type Filters } from '../../api/filters.ts';
import { settingsOf } from '../endpoint/inspect.ts';
import type { Parts } from '../parts.ts';
import { isPredefined, type NetworkRecord } from './record.ts';

export interface ShownNetwork {
  readonly Name: string;
  readonly Id: string;
  readonly Created: string;
  readonly Scope: 'local';
  readonly Driver: string;
  readonly EnableIPv4?: true;
  readonly EnableIPv6: boolean;
  readonly IPAM: {
    readonly Driver: string;
    readonly Options: Readonly<Record<string, string>> | null;
    readonly Config: NetworkRecord['ipam']['config'] | null;
  };
  readonly Internal: boolean;
  readonly Attachable: boolean;
  readonly Ingress: false;
  readonly ConfigFrom: { readonly Network: string };
  readonly ConfigOnly: boolean;
  readonly Containers: Readonly<Record<string, Member>>;
  readonly Options: Readonly<Record<string, string>>;
  readonly Labels: Readonly<Record<string, string>>;
}

export interface Member {
  readonly Name: string;
  readonly EndpointID: string;
  readonly MacAddress: string;
  readonly IPv4Address: string;
  readonly IPv6Address: string;
}

/** That it has IPv4 is said since version 1.47 of the API. */
export function shownNetwork(
  record: NetworkRecord,
  members: ShownNetwork['Containers'],
  minor: number,
): ShownNetwork {
  const { name, id, created, driver, enableIpv6, ipam, internal, attachable } = record;
  return {
    ...{ Name: name, Id: id, Created: created, Scope: 'local', Driver: driver },
    ...(minor >= 47 && { EnableIPv4: true }),
    EnableIPv6: enableIpv6,
    IPAM: {
      Driver: ipam.driver,
      Options: ipam.options,
      Config: ipam.config.length === 0 ? null : ipam.config,
    },
    ...{ Internal: internal, Attachable: attachable, Ingress: false },
    ConfigFrom: { Network: record.configFrom ?? '' },
    ...{ ConfigOnly: record.configOnly ?? false, Containers: members },
    ...{ Options: record.options, Labels: record.labels },
  };
}

export function membersOf(record: NetworkRecord, parts: Parts): ShownNetwork['Containers'] {
  const running = [...parts.containers.all()].filter(({ state }) => state.pid > 0);
  const members = running.flatMap(container => {
    const all = Object.values(settingsOf(container, parts).Networks);
    const endpoint = all.find(one => one.NetworkID === record.id && one.EndpointID !== '');
    if (endpoint === undefined) return [];
    const withPrefix = (ip: string, prefix: number): string => (ip === '' ? '' : `${ip}/${prefix}`);
    const member: Member = {
      ...{ Name: container.name, EndpointID: endpoint.EndpointID },
      MacAddress: endpoint.MacAddress,
      IPv4Address: withPrefix(endpoint.IPAddress, endpoint.IPPrefixLen),
      IPv6Address: withPrefix(endpoint.GlobalIPv6Address, endpoint.GlobalIPv6PrefixLen),
    };
    return [[container.id, member] as const];
  });
  return Object.fromEntries(members);
}

export const networkFilters = ['dangling', 'driver', 'id', 'label', 'name', 'scope', 'type'];

/** @throws Refusal INVALID for a type that is none */
export function isWanted(
  record: NetworkRecord,
  filters: Filters,
  isUsed: (record: NetworkRecord) => boolean,
): boolean {
  const dangling = boolean(filters, 'dangling');
  const isDangling = !isPredefined(record.name) && !isUsed(record);
  return (
    likeOne(filters, 'name', record.name) &&
    likeOne(filters, 'id', record.id) &&
    oneOf(filters, 'driver', record.driver) &&
    oneOf(filters, 'scope', 'local') &&
    hasLabels(filters, 'label', record.labels) &&
    isOfType(filters, record) &&
    (dangling === undefined || dangling === isDangling)
  );
}

function isOfType(filters: Filters, { name }: NetworkRecord): boolean {
  const wanted = valuesOf(filters, 'type');
  const wrong = wanted.find(one => one !== 'builtin' && one !== 'custom');
  if (wrong !== undefined) throw invalid(`invalid filter: 'type'='${wrong}'`);
  return oneOf(filters, 'type', isPredefined(name) ? 'builtin' : 'custom');
}
