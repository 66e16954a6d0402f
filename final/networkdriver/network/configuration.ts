// Networks that are a configuration for others: `--config-only`, and `--config-from` one of them.
//
// - `refuseConfiguration(request)`: what does not go together
// - `configured(request, records)`: the request with what its configuration says
// - `refuseMembers(record)`: a configuration has no containers
//
// Such a one stands nowhere on the host: it is a record alone. Source: libnetwork/network.go of
// moby, for the words.

import { notFound, Refusal } from '../../engine/refusal.ts';
import type { IpamConfig, NetworkRecord } from './record.ts';

type Texts = Readonly<Record<string, string>> | null | undefined;

/** The part of a request that it is about. */
interface Request {
  readonly ConfigOnly: boolean;
  readonly ConfigFrom?: { readonly Network: string } | null | undefined;
  readonly Scope: string;
  readonly Internal: boolean;
  readonly Attachable: boolean;
  readonly Ingress: boolean;
  readonly EnableIPv6: boolean;
  readonly IPAM?:
    | {
        readonly Driver: string;
        readonly Options?: Texts;
        readonly Config?: readonly IpamConfig[] | null | undefined;
      }
    | null
    | undefined;
  readonly Options?: Texts;
  readonly Labels?: Texts;
}

const isEmpty = (texts: object | null | undefined): boolean =>
  Object.keys(texts ?? {}).length === 0;

/** @throws Refusal FORBIDDEN */
export function refuseConfiguration(request: Request): void {
  const { ConfigOnly, Internal, Attachable, Ingress, Scope, EnableIPv6, IPAM } = request;
  if (ConfigOnly && (Internal || Attachable || Ingress || Scope !== '')) {
    throw forbidden(
      'configuration network can only contain network specific fields. Network operator fields ' +
        'like [ ingress | internal | attachable | scope ] are not supported.',
    );
  }
  if ((request.ConfigFrom?.Network ?? '') === '') return;
  if (ConfigOnly)
    throw forbidden('a configuration network cannot depend on another configuration network');
  const depends = 'are not supported if the network depends on a configuration network';
  const isPlain = isEmpty(request.Labels) && isEmpty(IPAM?.Options) && isEmpty(IPAM?.Config);
  if (EnableIPv6 || !isPlain) throw forbidden(`user specified configurations ${depends}`);
  if (!isEmpty(request.Options)) throw forbidden(`network driver options ${depends}`);
}

function forbidden(why: string): Refusal {
  return new Refusal('FORBIDDEN', why);
}

/** @throws Refusal NOT_FOUND */
export function configured<Asked extends Request>(
  request: Asked,
  records: readonly NetworkRecord[],
): Asked {
  const name = request.ConfigFrom?.Network ?? '';
  if (name === '') return request;
  const from = records.find(one => one.configOnly === true && one.name === name);
  if (from === undefined) throw notFound(`configuration network "${name}" does not exist`);
  const { enableIpv6, ipam, options, labels } = from;
  return {
    ...request,
    EnableIPv6: enableIpv6,
    IPAM: { Driver: ipam.driver, Options: ipam.options, Config: ipam.config },
    ...{ Options: options, Labels: labels },
  };
}

/** @throws Refusal FORBIDDEN */
export function refuseMembers({ configOnly }: NetworkRecord): void {
  if (configOnly) throw forbidden('cannot create endpoint on configuration-only network');
}
