// One event, and how a client reads it.
//
// - `Event`, `EventType`
// - `eventLine(event)`   one event as a line of JSON

import type { Moment } from '../../api/moments.ts';

export type EventType =
  | 'builder'
  | 'container'
  | 'daemon'
  | 'image'
  | 'network'
  | 'plugin'
  | 'volume';

export interface Event {
  readonly type: EventType;
  readonly action: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly at: Moment;
}

/** What older clients read stands beside what newer ones do. */
export function eventLine({ type, action, id, attributes, at }: Event): string {
  const older =
    type === 'container' || type === 'image'
      ? { status: action, id, ...fromImage(attributes) }
      : {};
  const event = {
    ...older,
    Type: type,
    Action: action,
    Actor: { ID: id, Attributes: attributes },
    scope: 'local',
    time: Number(at / 1_000_000_000n),
  };
  // The nanoseconds are more than a number holds, so they are written as they are.
  return `${JSON.stringify(event).slice(0, -1)},"timeNano":${at}}\n`;
}

function fromImage({ image }: Readonly<Record<string, string>>): { readonly from?: string } {
  return image === undefined ? {} : { from: image };
}
