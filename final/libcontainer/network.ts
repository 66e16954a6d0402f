// Chapter 06 for the engine: networks, leases, published ports and names.

export { withNetwork, type Network } from '@slipway/network';
