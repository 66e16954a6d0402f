import { expect, test } from 'vitest';
import { parseFilters } from '../api/filters.ts';
import { type Event, eventLine } from './events/event.ts';
import { EventBus, type EventWindow } from './events.ts';

const second = 1_000_000_000n;

function busAt(start: bigint) {
  const clock = { at: start };
  const bus = new EventBus({ now: () => clock.at });
  return { clock, bus };
}

async function collect(bus: EventBus, window: EventWindow, signal = AbortSignal.timeout(1)) {
  const found: Event[] = [];
  for await (const event of bus.read(window, signal)) found.push(event);
  return found.map(({ action }) => action);
}

test('the past is told in order, from since to until', async () => {
  const { bus, clock } = busAt(10n * second);
  for (const action of ['create', 'start', 'die', 'destroy']) {
    bus.emit('container', action, 'c1');
    clock.at += second;
  }
  expect(await collect(bus, { since: 11n * second, until: 12n * second })).toEqual([
    'start',
    'die',
  ]);
  expect(await collect(bus, { until: 10n * second })).toEqual(['create']);
  expect(await collect(bus, {})).toEqual([]);
});

test('of the past 256 events are kept', async () => {
  const { bus } = busAt(second);
  for (let n = 0; n < 300; n += 1) bus.emit('image', `pull ${n}`, 'i');
  const found = await collect(bus, { since: 0n });
  expect([found.length, found[0]]).toEqual([256, 'pull 44']);
});

test('what happens while somebody reads comes once and in order', async () => {
  const { bus } = busAt(second);
  bus.emit('container', 'before', 'c1');
  const stop = new AbortController();
  const reading = collect(bus, { since: 0n }, stop.signal);
  bus.emit('container', 'during', 'c1');
  await new Promise(resolve => setTimeout(resolve, 5));
  bus.emit('container', 'after', 'c1');
  stop.abort();
  expect(await reading).toEqual(['before', 'during', 'after']);
});

const wanted = (filters: Readonly<Record<string, readonly string[]>>) =>
  parseFilters(JSON.stringify(filters));

test.each([
  [{ container: ['we'] }, ['exec_create: sh -c true']],
  [{ container: ['c1'] }, ['exec_create: sh -c true']],
  [{ type: ['network'] }, ['connect']],
  [{ event: ['exec_create'] }, ['exec_create: sh -c true']],
  [{ event: ['exec'] }, []],
  [{ image: ['busybox'] }, ['exec_create: sh -c true', 'tag']],
  [{ label: ['a=b'] }, ['exec_create: sh -c true']],
  [{ label: ['a=c'] }, []],
  [{ scope: ['swarm'] }, []],
  [{ type: ['network', 'image'] }, ['connect', 'tag']],
])('the filter %j leaves %j', async (filters, actions) => {
  const { bus } = busAt(second);
  const web = { name: 'web', image: 'busybox:1', a: 'b' };
  bus.emit('container', 'exec_create: sh -c true', 'c1', web);
  bus.emit('network', 'connect', 'n1', { name: 'bridge', container: 'c1' });
  bus.emit('image', 'tag', 'sha256:1', { name: 'busybox:2' });
  expect(await collect(bus, { since: 0n, filters: wanted(filters) })).toEqual(actions);
});

test('a line has all digits of the time, and what older clients read', () => {
  const event: Event = {
    type: 'container',
    action: 'die',
    id: 'c1',
    attributes: { image: 'busybox', name: 'web' },
    at: 1_795_465_737_123_456_789n,
  };
  expect(eventLine(event)).toMatchInlineSnapshot(`
    "{"status":"die","id":"c1","from":"busybox","Type":"container","Action":"die","Actor":{"ID":"c1","Attributes":{"image":"busybox","name":"web"}},"scope":"local","time":1795465737,"timeNano":1795465737123456789}
    "
  `);
});
