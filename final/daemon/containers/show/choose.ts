// The filters of `docker ps`, each with Docker's meaning.
//
// - `choose(containers, filters)`: a test of records, and whether those that do not run count, too
// - `psFilters`: the names that are accepted
//
// Values of one filter are alternatives, but for labels; filters are all to hold.

import { boolean, hasLabels, likeOne, valuesOf, type Filters } from '../../../api/filters.ts';
import { invalid } from '../../../engine/refusal.ts';
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
    ({ name }) => likeOne(filters, 'name', name) || likeOne(filters, 'name', `/${name}`),
    ({ config }) => hasLabels(filters, 'label', config.Labels ?? {}),
    ...[byAge(containers, filters, 'before'), byAge(containers, filters, 'since')],
    ...[byStatus(filters), byExit(filters), byHealth(filters), byImage(containers, filters)],
    ...[byVolume(filters), byNetwork(containers, filters), byIsolation(filters)],
    ...[byPublished(containers, filters), byExposed(filters)],
  ];
  const isTask = boolean(filters, 'is-task');
  return {
    isWanted: record => isTask !== true && tests.every(test => test(record)),
    asksForState: valuesOf(filters, 'status').length > 0,
  };
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
    if (!/^-?\d{1,10}$/.test(value)) throw invalid(`invalid filter 'exited=${value}'`);
  }
  return any(filters, 'exited', (value, { state }) => {
    const hasEnded = !isRunning(state) && state.startedAt !== never;
    return hasEnded && state.exitCode === Number(value);
  });
}

function byHealth(filters: Filters): Test {
  for (const value of valuesOf(filters, 'health')) {
    if (['none', 'starting', 'healthy', 'unhealthy'].includes(value)) continue;
    throw invalid(`invalid filter 'health=${value}'`);
  }
  return any(filters, 'health', (value, { state }) => (state.health?.status ?? 'none') === value);
}

function byImage(containers: Containers, filters: Filters): Test {
  const ids = valuesOf(filters, 'ancestor').map(reference => {
    try {
      return containers.needs.images.find(reference).layers;
    } catch {
      return undefined;
    }
  });
  const named = new Set(valuesOf(filters, 'ancestor'));
  const layersOf = (record: ContainerRecord): readonly string[] => {
    try {
      return containers.needs.images.find(record.imageId).layers;
    } catch {
      return [];
    }
  };
  return record => {
    if (named.size === 0 || named.has(record.config.Image)) return true;
    const own = new Set(layersOf(record));
    return ids.some(layers => layers?.length && own.has(layers.at(-1) ?? ''));
  };
}

function byVolume(filters: Filters): Test {
  return any(filters, 'volume', (value, { mounts }) =>
    mounts.some(
      ({ name, source, destination }) =>
        name === value || source === value || destination === value,
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

function byIsolation(filters: Filters): Test {
  return any(filters, 'isolation', value => ['', 'default'].includes(value));
}

function byPublished(containers: Containers, filters: Filters): Test {
  const tests = valuesOf(filters, 'publish').map(portFilter);
  return record => {
    if (tests.length === 0) return true;
    const ports = shownPorts(containers.needs.networks.settings(record).Ports);
    return tests.some(test => ports.some(({ PublicPort = -1, Type }) => test(PublicPort, Type)));
  };
}

function byExposed(filters: Filters): Test {
  const tests = valuesOf(filters, 'expose').map(portFilter);
  return ({ config }) => {
    if (tests.length === 0) return true;
    return Object.keys(config.ExposedPorts ?? {}).some(port => {
      const [number = '', protocol = 'tcp'] = port.split('/');
      return tests.some(test => test(Number(number), protocol));
    });
  };
}
