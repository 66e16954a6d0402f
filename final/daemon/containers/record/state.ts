// The states of a container, and what leads from one to the next.
//
// - `State`: what is kept of a container's life
// - `transition(state, event)`: the state after it; throws where the table has no line
// - `allows(state, kind)`: whether the table has one
//
//   created ──start──▶ running ──exit──▶ exited ──remove──▶ removing
//      ▲                │  ▲               │  ▲                │
//      └─failed         │  └────start──────┘  │          removeFailed
//                 pause │ ▲ unpause           │                ▼
//                       ▼ │                   │              dead
//                     paused ──exit──▶ exited │
//                     running ──retry──▶ restarting ──start──▶ running
//
// A start that failed leaves the state that was, with an exit code and the error. Docker's flags
// (`Running`, `Paused`, …) are derived from the one status.

import { z } from 'zod';

/** What Docker writes for a moment that has not come: Go's zero time. */
export const never = '0001-01-01T00:00:00Z';

const statuses = [
  'created',
  'running',
  'paused',
  'restarting',
  'removing',
  'exited',
  'dead',
] as const;
export type Status = (typeof statuses)[number];

const healthSchema = z.object({
  status: z.enum(['starting', 'healthy', 'unhealthy']),
  failingStreak: z.int(),
  log: z.array(
    z.object({ Start: z.string(), End: z.string(), ExitCode: z.int(), Output: z.string() }),
  ),
});
export type Health = z.output<typeof healthSchema>;

export const stateSchema = z.object({
  status: z.enum(statuses),
  /** In the host's PID namespace; 0 unless it runs. */
  pid: z.int(),
  exitCode: z.int(),
  oomKilled: z.boolean(),
  error: z.string(),
  /** RFC 3339 with nanoseconds, or `never`. */
  startedAt: z.string(),
  finishedAt: z.string(),
  health: healthSchema.optional(),
});
export type State = Readonly<z.output<typeof stateSchema>>;

export const newborn: State = {
  status: 'created',
  pid: 0,
  exitCode: 0,
  oomKilled: false,
  error: '',
  startedAt: never,
  finishedAt: never,
};

export interface Exit {
  readonly exitCode: number;
  readonly oomKilled: boolean;
  readonly finishedAt: string;
  readonly error?: string;
}

export type StateEvent =
  | { readonly kind: 'start'; readonly pid: number; readonly startedAt: string }
  | { readonly kind: 'startFailed'; readonly exitCode: number; readonly error: string }
  | { readonly kind: 'pause' | 'unpause' | 'remove' | 'cancelRetry' }
  | ({ readonly kind: 'exit' | 'retry' | 'lost' } & Exit)
  | { readonly kind: 'removeFailed'; readonly error: string };

export type EventKind = StateEvent['kind'];

/** From each status: which events there are, and where they lead. */
const table: Readonly<Record<Status, Partial<Record<EventKind, Status>>>> = {
  created: { start: 'running', startFailed: 'created', remove: 'removing' },
  running: { pause: 'paused', exit: 'exited', retry: 'restarting', lost: 'dead' },
  paused: { unpause: 'running', exit: 'exited', retry: 'restarting', lost: 'dead' },
  restarting: { start: 'running', startFailed: 'exited', cancelRetry: 'exited' },
  removing: { removeFailed: 'dead' },
  exited: { start: 'running', startFailed: 'exited', remove: 'removing' },
  dead: { start: 'running', startFailed: 'dead', remove: 'removing' },
};

export function allows(state: State, kind: EventKind): boolean {
  return table[state.status][kind] !== undefined;
}

/** @throws Error if nothing leads from there: whoever asks has to look first */
export function transition(state: State, event: StateEvent): State {
  const status = table[state.status][event.kind];
  if (status === undefined) throw new Error(`a ${state.status} container cannot ${event.kind}`);
  return { ...state, status, ...changes(state, event) };
}

function changes(before: State, event: StateEvent): Partial<State> {
  switch (event.kind) {
    case 'start': {
      const { pid, startedAt } = event;
      return { pid, startedAt, exitCode: 0, error: '', oomKilled: false };
    }
    case 'startFailed':
      return { exitCode: event.exitCode, error: event.error, pid: 0 };
    case 'exit':
    case 'retry':
    case 'lost': {
      const { exitCode, finishedAt, error = '' } = event;
      const oomKilled = before.oomKilled || event.oomKilled;
      return { pid: 0, exitCode, oomKilled, finishedAt, error };
    }
    case 'removeFailed':
      return { error: event.error };
    case 'pause':
    case 'unpause':
    case 'remove':
    case 'cancelRetry':
      return {};
  }
}

/** Whether its processes exist, or will again without anybody's doing. */
export function isRunning({ status }: State): boolean {
  return status === 'running' || status === 'paused' || status === 'restarting';
}

/** Whether its processes exist now. */
export function isAlive({ status }: State): boolean {
  return status === 'running' || status === 'paused';
}
