import { array, assert, constantFrom, property } from 'fast-check';
import { expect, test } from 'vitest';
import { allows, isAlive, isRunning, newborn, transition, type StateEvent } from './state.ts';

const exit = { exitCode: 3, oomKilled: false, finishedAt: '2026-01-01T00:00:01Z' };
const events: readonly StateEvent[] = [
  { kind: 'start', pid: 7, startedAt: '2026-01-01T00:00:00Z' },
  { kind: 'startFailed', exitCode: 127, error: 'no such program' },
  { kind: 'pause' },
  { kind: 'unpause' },
  { kind: 'remove' },
  { kind: 'cancelRetry' },
  { kind: 'exit', ...exit },
  { kind: 'retry', ...exit },
  { kind: 'lost', ...exit },
  { kind: 'removeFailed', error: 'busy' },
];

/** The model: what a bystander knows who only counts processes. */
interface Model {
  processes: number;
  isPaused: boolean;
  isGoing: boolean;
}

function follow(model: Model, { kind }: StateEvent): void {
  if (kind === 'start') model.processes = 1;
  if (kind === 'exit' || kind === 'retry' || kind === 'lost') model.processes = 0;
  if (kind === 'pause') model.isPaused = true;
  if (kind === 'unpause' || model.processes === 0) model.isPaused = false;
  if (kind === 'remove') model.isGoing = true;
  if (kind === 'start' || kind === 'removeFailed') model.isGoing = false;
}

test('whatever happens in whatever order, a state says what a bystander sees', () => {
  assert(
    property(array(constantFrom(...events), { maxLength: 60 }), happened => {
      const model: Model = { processes: 0, isPaused: false, isGoing: false };
      let state = newborn;
      for (const event of happened) {
        if (!allows(state, event.kind)) continue;
        state = transition(state, event);
        follow(model, event);
        expect(isAlive(state)).toBe(model.processes === 1);
        expect(state.pid !== 0).toBe(model.processes === 1);
        expect(state.status === 'paused').toBe(model.isPaused);
        expect(state.status === 'removing').toBe(model.isGoing);
        expect(isRunning(state) && !isAlive(state)).toBe(state.status === 'restarting');
      }
    }),
  );
});

test('what the table has no line for is refused', () => {
  expect(() => transition(newborn, { kind: 'pause' })).toThrow('a created container cannot pause');
});

test('a start that failed leaves a created container created, with its exit code', () => {
  const state = transition(newborn, { kind: 'startFailed', exitCode: 127, error: 'why' });
  expect(state).toMatchObject({ status: 'created', exitCode: 127, error: 'why', pid: 0 });
});

test('what was short of memory stays so until it begins again', () => {
  const start = { kind: 'start', pid: 7, startedAt: '2026-01-01T00:00:00Z' } as const;
  const short = { ...transition(newborn, start), oomKilled: true };
  const ended = transition(short, { kind: 'exit', ...exit });
  expect(ended.oomKilled).toBe(true);
  expect(transition(ended, start).oomKilled).toBe(false);
});
