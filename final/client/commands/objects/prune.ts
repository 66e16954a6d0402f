// slipway container|image|network|volume|system prune
//
// - `container`, `image`, `network`, `volume`, `system`   each asks before it removes
//
// Each noun says what it would remove, and how its answer is told. `system` goes through all of
// them, in docker's order.

import { createInterface } from 'node:readline';
import { z } from 'zod';
import { grammar, parse, type Context, type Run } from '../../command.ts';
import { humanSize } from '../../output/units.ts';
import { filter, filtersOf } from '../look/filters.ts';

interface Options {
  readonly force?: boolean;
  readonly all?: boolean;
  readonly volumes?: boolean;
  readonly filter: readonly string[];
}

interface Prunable {
  readonly path: string;
  readonly title: string;
  /** What goes, without and with `--all`. */
  readonly warning: string;
  readonly allWarning?: string;
  /** The filter that `--all` means. */
  readonly all?: string;
  readonly field: string;
  readonly hasSize: boolean;
}

const removed = z.looseObject({ SpaceReclaimed: z.number().optional() });
const lines = z
  .array(
    z.union([
      z.string(),
      z.object({ Untagged: z.string().optional(), Deleted: z.string().optional() }),
    ]),
  )
  .nullish();

const nouns = {
  container: {
    path: '/containers/prune',
    title: 'Deleted Containers:',
    warning: 'all stopped containers',
    field: 'ContainersDeleted',
    hasSize: true,
  },
  network: {
    path: '/networks/prune',
    title: 'Deleted Networks:',
    warning: 'all custom networks not used by at least one container',
    field: 'NetworksDeleted',
    hasSize: false,
  },
  volume: {
    path: '/volumes/prune',
    title: 'Deleted Volumes:',
    warning: 'anonymous local volumes not used by at least one container',
    allWarning: 'all local volumes not used by at least one container',
    all: 'all=1',
    field: 'VolumesDeleted',
    hasSize: true,
  },
  image: {
    path: '/images/prune',
    title: 'Deleted Images:',
    warning: 'all dangling images',
    allWarning: 'all images without at least one container associated to them',
    all: 'dangling=0',
    field: 'ImagesDeleted',
    hasSize: true,
  },
} as const satisfies Readonly<Record<string, Prunable>>;

function pruning(name: keyof typeof nouns): Run {
  const noun: Prunable = nouns[name];
  return async (args, context) => {
    const command = grammar(`${name} prune [OPTIONS]`, `Remove unused ${name}s`)
      .option('-f, --force', 'ask nothing')
      .option('--filter <name=value>', 'choose', filter, []);
    if (noun.all !== undefined) command.option('-a, --all', `remove ${noun.allWarning}`);
    const { options } = parse<Options>(command, args, 0, 0);
    const what = (options.all === true ? noun.allWarning : undefined) ?? noun.warning;
    const isAgreed = options.force === true || (await agreed(context, `will remove ${what}.`));
    if (!isAgreed) return 0;
    const bytes = await prune(context, noun, options);
    if (noun.hasSize) context.out.write(`Total reclaimed space: ${humanSize(bytes)}\n`);
    return 0;
  };
}

/** What has gone is printed. */
async function prune({ api, out }: Context, noun: Prunable, options: Options): Promise<number> {
  const ofAll = options.all === true && noun.all !== undefined ? [noun.all] : [];
  const query = { filters: filtersOf([...options.filter, ...ofAll]) };
  const answer = removed.parse(await api.json({ method: 'POST', path: noun.path, query }));
  const gone = lines.parse(answer[noun.field]) ?? [];
  const shown = gone.map(one => {
    if (typeof one === 'string') return one;
    return one.Untagged === undefined ? `deleted: ${one.Deleted}` : `untagged: ${one.Untagged}`;
  });
  if (shown.length > 0) out.write(`${[noun.title, ...shown].join('\n')}\n\n`);
  return answer.SpaceReclaimed ?? 0;
}

async function agreed({ out }: Context, warning: string): Promise<boolean> {
  out.write(`WARNING! This ${warning}\nAre you sure you want to continue? [y/N] `);
  const input = createInterface({ input: process.stdin });
  for await (const line of input) {
    input.close();
    return /^\s*y(es)?\s*$/i.test(line);
  }
  return false;
}

export const container = pruning('container');
export const image = pruning('image');
export const network = pruning('network');
export const volume = pruning('volume');

export const system: Run = async (args, context) => {
  const command = grammar('system prune [OPTIONS]', 'Remove unused data')
    .option('-a, --all', 'remove all unused images, not only dangling ones')
    .option('-f, --force', 'ask nothing')
    .option('--volumes', 'and anonymous volumes')
    .option('--filter <name=value>', 'choose', filter, []);
  const { options } = parse<Options>(command, args, 0, 0);
  if (options.force !== true && !(await agreed(context, warningOf(options)))) return 0;
  // `--all` is about images here.
  const { all: _, ...others } = options;
  let bytes = await prune(context, nouns.container, others);
  await prune(context, nouns.network, others);
  if (options.volumes === true) bytes += await prune(context, nouns.volume, others);
  bytes += await prune(context, nouns.image, options);
  context.out.write(`Total reclaimed space: ${humanSize(bytes)}\n`);
  return 0;
};

function warningOf({ all, volumes, filter: filters }: Options): string {
  const goes = [
    'all stopped containers',
    'all networks not used by at least one container',
    ...(volumes === true ? ['all anonymous volumes not used by at least one container'] : []),
    all === true ? nouns.image.allWarning : nouns.image.warning,
    all === true ? 'all build cache' : 'unused build cache',
  ];
  const chosen =
    filters.length === 0
      ? []
      : ['', '  Items to be pruned will be filtered with:', ...filters.map(one => `  - ${one}`)];
  return ['will remove:', ...goes.map(one => `  - ${one}`), ...chosen, ''].join('\n');
}
