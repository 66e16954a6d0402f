// A request for a new network becomes its record.
//
// - `createSchema`, `CreateNetwork`: the body of the request
// - `refuseRequest(request)`: what is wrong with it in itself
// - `newRecord(request, place)`: the record, with addresses that are free here
//
// Source: Engine API v1.45, NetworkCreate; daemon/network.go of moby, for the words.

import { z } from 'zod';
import { conflict, invalid, notFound, Refusal } from '../../engine/refusal.ts';
import {
  overlap,
  parseSubnet,
  type Subnet,
  type subnetsInUse,
} from '../../libcontainer/network.ts';
import { readBridgeOptions } from '../bridge/options.ts';
import { configured, refuseConfiguration } from './configuration.ts';
import { freePool, type AddressPool } from '../ipam/pools.ts';
import { refuseIpam, subnetOf } from '../ipam/validate.ts';
import { automatic } from './default-bridge.ts';
import { isPredefined, newNetworkId, type IpamConfig, type NetworkRecord } from './record.ts';

const texts = z.record(z.string(), z.string()).nullish();
const flag = z
  .boolean()
  .nullish()
  .transform(value => value ?? false);
const text = z
  .string()
  .nullish()
  .transform(value => value ?? '');

const ipamConfig = z
  .object({ Subnet: text, IPRange: text, Gateway: text, AuxiliaryAddresses: texts })
  .transform(({ Subnet, IPRange, Gateway, AuxiliaryAddresses }): IpamConfig => ({
    Subnet,
    ...(IPRange !== '' && { IPRange }),
    ...(Gateway !== '' && { Gateway }),
    ...(Object.keys(AuxiliaryAddresses ?? {}).length > 0 && {
      AuxiliaryAddresses: AuxiliaryAddresses ?? {},
    }),
  }));

export const createSchema = z.object({
  Name: text,
  Driver: text,
  Scope: text,
  EnableIPv4: z.boolean().nullish(),
  EnableIPv6: flag,
  Internal: flag,
  Attachable: flag,
  Ingress: flag,
  ConfigOnly: flag,
  ConfigFrom: z.object({ Network: text }).nullish(),
  IPAM: z.object({ Driver: text, Options: texts, Config: z.array(ipamConfig).nullish() }).nullish(),
  Options: texts,
  Labels: texts,
});

export type CreateNetwork = z.output<typeof createSchema>;

/** @throws Refusal */
export function refuseRequest(request: CreateNetwork): void {
  const { Name: name, Driver, Scope, IPAM, EnableIPv6 } = request;
  if (isPredefined(name) || name === 'default') {
    throw new Refusal('FORBIDDEN', `operation is not permitted on predefined ${name} network `);
  }
  refuseDriver(Driver || 'bridge');
  refuseName(name);
  refuseIpam(IPAM?.Config ?? [], EnableIPv6);
  const ipam = IPAM?.Driver ?? '';
  if (ipam !== '' && ipam !== 'default') throw notFound(`plugin "${ipam}" not found`);
  if (Scope === 'swarm') {
    const why = 'cannot create a swarm scoped network when swarm is not active';
    throw new Refusal('FORBIDDEN', why);
  }
  if (Scope !== '' && Scope !== 'local') throw invalid(`there is no scope ${Scope} here: local`);
  if (request.EnableIPv4 === false) unsupported('a network without IPv4');
  if (request.Ingress) unsupported('an ingress network');
  refuseConfiguration(request);
  if (!request.ConfigOnly) readBridgeOptions(request.Options ?? {});
}

function unsupported(what: string): never {
  throw new Refusal('UNSUPPORTED', `${what} is not supported by this engine`);
}

/** Any other name will do: it is never part of a path. */
function refuseName(name: string): void {
  if (name.trim() === '') throw invalid(`invalid name: ${name}`);
}

function refuseDriver(driver: string): void {
  switch (driver) {
    case 'bridge':
      return;
    case 'host':
    case 'null':
      throw new Refusal('FORBIDDEN', `only one instance of "${driver}" network is allowed`);
    case 'overlay':
      throw new Refusal(
        'FORBIDDEN',
        'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to ' +
          'connect this node to swarm and try again.',
      );
    case 'macvlan':
    case 'ipvlan':
      return unsupported(`the network driver ${driver}`);
    default:
      throw notFound(`plugin "${driver}" not found`);
  }
}

/** What there is already. */
export interface Place {
  readonly records: readonly NetworkRecord[];
  readonly inUse: ReturnType<typeof subnetsInUse>;
  readonly created: string;
  readonly mtu: number;
  readonly ipv6For: (subnet4: Subnet) => Subnet;
  readonly defaults?: NetworkDefaults;
}

/** What the operator wants of networks that do not say. */
export interface NetworkDefaults {
  readonly pools?: readonly AddressPool[];
  /** By driver. */
  readonly options?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** @throws Refusal CONFLICT, FORBIDDEN, NOT_FOUND */
export function newRecord(asked: CreateNetwork, place: Place): NetworkRecord {
  const request = withDefaults(configured(asked, place.records), place);
  const { Name: name, EnableIPv6: ipv6 } = request;
  if (place.records.some(one => one.name === name))
    throw conflict(`network with name ${name} already exists`);
  const id = newNetworkId();
  if (request.ConfigOnly) return newConfiguration(id, request, place);
  const options = readBridgeOptions(request.Options ?? {});
  const bridge = options.name ?? `slipway-${id.slice(0, 7)}`;
  refuseBridge({ id, bridge }, place.records);
  const chosen = request.IPAM?.Config ?? [];
  const wanted = chosen.filter(one => ipv6 || parseSubnet(one.Subnet).version === 4);
  return {
    ...{ version: 1, id, name, created: place.created, driver: 'bridge', bridge },
    ...{ internal: request.Internal, attachable: request.Attachable, enableIpv6: ipv6 },
    ipam: {
      driver: request.IPAM?.Driver || 'default',
      options: request.IPAM?.Options ?? null,
      config: withSubnets(wanted, ipv6, place),
    },
    chosen: { four: isChosen(wanted, 4), six: isChosen(wanted, 6) },
    ...{ options: request.Options ?? {}, labels: request.Labels ?? {} },
    mtu: options.mtu ?? place.mtu,
    ...(request.ConfigFrom?.Network && { configFrom: request.ConfigFrom.Network }),
  };
}

function withDefaults(request: CreateNetwork, { defaults }: Place): CreateNetwork {
  const usual = defaults?.options?.[request.Driver || 'bridge'];
  const isOwn = request.ConfigOnly || request.ConfigFrom?.Network;
  return usual === undefined || isOwn
    ? request
    : { ...request, Options: { ...usual, ...request.Options } };
}

/** Nothing stands of it, so nothing is chosen for it. */
function newConfiguration(
  id: string,
  { Name: name, EnableIPv6: enableIpv6, IPAM, Options, Labels }: CreateNetwork,
  { created }: Place,
): NetworkRecord {
  return {
    ...{ version: 1, id, name, created, driver: 'null', bridge: '', mtu: 0, configOnly: true },
    ...{ internal: false, attachable: false, enableIpv6 },
    ipam: {
      driver: IPAM?.Driver || 'default',
      options: IPAM?.Options ?? null,
      config: IPAM?.Config ?? [],
    },
    chosen: { four: false, six: false },
    ...{ options: Options ?? {}, labels: Labels ?? {} },
  };
}

const isChosen = (configs: readonly IpamConfig[], version: 4 | 6): boolean =>
  subnetOf(configs, version) !== undefined;

function refuseBridge(
  { id, bridge }: Pick<NetworkRecord, 'id' | 'bridge'>,
  records: readonly NetworkRecord[],
): void {
  const other = records.find(one => one.bridge === bridge);
  if (other === undefined) return;
  throw new Refusal(
    'FORBIDDEN',
    `cannot create network ${id} (${bridge}): conflicts with network ${other.id} ` +
      `(${other.bridge}): networks have same bridge name`,
  );
}

/** What was chosen, if it overlaps no other network, and what is missing of it. */
function withSubnets(
  wanted: readonly IpamConfig[],
  ipv6: boolean,
  { records, inUse, ipv6For, defaults }: Place,
): IpamConfig[] {
  const others = records
    .filter(({ configOnly }) => !configOnly)
    .flatMap(({ ipam }) => ipam.config.map(one => parseSubnet(one.Subnet)));
  const taken = [...others];
  for (const { Subnet } of wanted) {
    const subnet = parseSubnet(Subnet);
    if (taken.some(other => overlap(other, subnet))) {
      throw new Refusal('FORBIDDEN', 'Pool overlaps with other one on this address space');
    }
    taken.push(subnet);
  }
  const versions = wanted.map(one => parseSubnet(one.Subnet).version);
  if (new Set(versions).size < versions.length) {
    throw new Refusal('FORBIDDEN', "bridge driver doesn't support multiple subnets");
  }
  const four = subnetOf(wanted, 4);
  const subnet4 = four ?? freePool(inUse, defaults?.pools);
  return [
    ...wanted.toSorted((a, b) => parseSubnet(a.Subnet).version - parseSubnet(b.Subnet).version),
    ...(four === undefined ? [automatic(subnet4)] : []),
    ...(ipv6 && subnetOf(wanted, 6) === undefined ? [automatic(ipv6For(subnet4))] : []),
  ];
}
