// A container's end of a network, as the asked version of the API shows it.
//
// - `endpointOf(endpoint, minor)`

import type { EndpointSettings } from '../../../networkdriver/settings.ts';

export function endpointOf(endpoint: EndpointSettings, minor: number): object {
  const { GwPriority, DNSNames, ...rest } = endpoint;
  return {
    ...{ ...rest, DNSNames },
    ...(minor >= 48 && { GwPriority }),
  };
}
