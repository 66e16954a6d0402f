// The filters of `docker ps`, each with Docker's meaning.
//
// - `choose(containers, filters)`: a test of records, and whether those that do not run count, too
// - `psFilters`: the names that are accepted
//
// Values of one filter are alternatives, but for labels; filters are all to hold.

import { boolean, hasLabels, likeOne, valuesOf, type Filters } from '../../../api/filters.ts';
import { invalid, Refusal } from '../../../engine/refusal.ts';
import type { Containers } from '../core/containers.ts';
import { timeOf } from '../core/moments.ts';
import type { ContainerRecord } from '../record/record.ts';
import { isRunning, never, type Status } from '../record/state.ts';
import { portFilter, shownPorts } from './ports.ts';

export const psFilters = [
  ...['ancestor', 'before', 'expose', 'exited', 'health', 'id', 'is-task', 'isolation', 'label'],
  ...['name', 'network', 'publish', 'since', 'status', 'volume'],
] as const;

export interface Choice {
  readonly isWanted: (record: ContainerRecord) => boolean;
  readonly asksForState: boolean;
}

type Test = (record: ContainerRecord) => boolean;

export function choose(containers: Containers, filters: Filters): Choice {
  const tests: readonly Test[] = [
    ({ id }) => likeOne(filters, 'id', id) || valuesOf(filters, 'id').some(v => id.startsWith(v)),
    byName(containers, filters),
    ({ config }) => hasLabels(filters, 'label', config.Labels ?? {}),
    ...[byAge(containers, filters, 'before'), byAge(containers, filters, 'since')],
    ...[byStatus(filters), byExit(filters), byHealth(filters), byImage(containers, filters)],
    ...[byVolume(filters), byNetwork(containers, filters), byPorts(containers, filters)],
  ];
  const isTask = boolean(filters, 'is-task');
  return {
    isWanted: record => isTask !== true && tests.every(test => test(record)),
    asksForState: valuesOf(filters, 'status').length > 0,
  };
}

/** With its slash or without, also what it is called by those that are linked to it. */
function byName({ store }: Containers, filters: Filters): Test {
  const fits = (name: string): boolean => likeOne(filters, 'name', name);
  return ({ id }) => store.namesOf(id).some(name => fits(name) || fits(name.slice(1)));
}

/** Nothing was asked, or one of the values fits. */
function any(
  filters: Filters,
  name: string,
  fits: (value: string, record: ContainerRecord) => boolean,
): Test {
  const values = valuesOf(filters, name);
  return record => values.length === 0 || values.some(value => fits(value, record));
}

function byAge(containers: Containers, filters: Filters, name: 'before' | 'since'): Test {
  const limits = valuesOf(filters, name).map(reference => containers.find(reference));
  const created = (record: ContainerRecord): bigint => timeOf(record.created) ?? 0n;
  return record =>
    limits.every(limit =>
      name === 'before' ? created(record) < created(limit) : created(record) > created(limit),
    );
}

const statuses: ReadonlySet<string> = new Set<Status>([
  ...(['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'] as const),
]);

function byStatus(filters: Filters): Test {
  for (const value of valuesOf(filters, 'status')) {
    if (!statuses.has(value)) throw invalid(`invalid filter 'status=${value}'`);
  }
  return any(filters, 'status', (value, { state }) => state.status === value);
}

function byExit(filters: Filters): Test {
  for (const value of valuesOf(filters, 'exited')) {
    if (!/^[+-]?\d{1,10}$/.test(value)) {
      const why = `strconv.Atoi: parsing "${value}": invalid syntax`;
      throw invalid(`invalid filter 'exited=${value}': ${why}`);
    }
  }
  return any(filters, 'exited', (value, { state }) => {
    const hasEnded = !isRunning(state) && state.startedAt !== never;
    return hasEnded && state.exitCode === Number(value);
  });
}

function byHealth(filters: Filters): Test {
  for (const value of valuesOf(filters, 'health')) {
    if (['none', 'starting', 'healthy', 'unhealthy'].includes(value)) continue;
    throw invalid(`unrecognized filter value for health: ${value}`);
  }
  return any(filters, 'health', (value, { state }) => (state.health?.status ?? 'none') === value);
}

/** Of one of the images, or of one that was made from it. */
function byImage(containers: Containers, filters: Filters): Test {
  const { images } = containers.needs;
  const wanted = new Set<string>();
  const add = (id: string): void => {
    if (wanted.has(id)) return;
    wanted.add(id);
    for (const child of images.childrenOf(id)) add(child);
  };
  const references = valuesOf(filters, 'ancestor');
  for (const reference of references) {
    try {
      add(images.find(reference).id);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }
  return ({ imageId }) => references.length === 0 || wanted.has(imageId);
}

function byVolume(filters: Filters): Test {
  return any(filters, 'volume', (value, { mounts }) =>
    mounts.some(
      ({ name, source, destination }) => (name ?? source) === value || destination === value,
    ),
  );
}

function byNetwork(containers: Containers, filters: Filters): Test {
  return any(filters, 'network', (value, record) => {
    const { Networks } = containers.needs.networks.settings(record);
    if (Object.hasOwn(Networks, value) || Object.hasOwn(record.networks, value)) return true;
    const ids = Object.values(Networks).map(({ NetworkID }) => NetworkID);
    return value.length > 0 && ids.some(id => id.startsWith(value));
  });
}

/** One of the ports is published, or exposed, as one of the values says. */
function byPorts(containers: Containers, filters: Filters): Test {
  const published = valuesOf(filters, 'publish').map(value => portFilter('publish', value));
  const exposed = valuesOf(filters, 'expose').map(value => portFilter('expose', value));
  if (published.length + exposed.length === 0) return () => true;
  return record => {
    const { Ports } = containers.needs.networks.settings(record);
    const ports = isRunning(record.state) ? shownPorts(Ports) : [];
    return ports.some(
      ({ PublicPort = 0, PrivatePort, Type }) =>
        published.some(test => test(PublicPort, Type)) ||
        exposed.some(test => test(PrivatePort, Type)),
    );
  };
}
