// The documented experiments of chapter 06, in the order of the prose.
//
// - `experimentsOn(kind)`: with a stand-in for the host, or with this machine

import type { Experiment } from '@slipway/lab';
import type { HostKind } from '../world/world.ts';
import { empty } from './1-empty.ts';
import { cable } from './2-cable.ts';
import { bridge } from './3-bridge.ts';
import { pool } from './4-pool.ts';
import { masquerade } from './5-masquerade.ts';
import { publish } from './6-publish.ts';
import { firewall } from './7-firewall.ts';
import { names } from './8-names.ts';
import { modes } from './9-modes.ts';
import { frames } from './10-frames.ts';

export function experimentsOn(kind: HostKind): readonly Experiment[] {
  return [
    ...[empty, cable],
    ...[bridge, pool, masquerade, publish, firewall].map(one => one(kind)),
    ...[names, modes, frames].map(one => one(kind)),
  ];
}
