// Chapter 05 for the engine: volumes, and mounts that are prepared outside.

export { type PreparedMount } from '@slipway/volumes';
