// `system df -v`: everything that takes space, one by one.
//
// - `space`, `Space`            the engine's answer
// - `printEach(context, space)`

import { z } from 'zod';
import type { Context } from '../../command.ts';
import { printList } from '../../output/list.ts';
import { humanAge, humanSize } from '../../output/units.ts';

const list = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item)
    .nullish()
    .transform(found => found ?? []);

export const space = z.object({
  LayersSize: z.number().default(0),
  Images: list(
    z.object({
      Id: z.string(),
      RepoTags: z.array(z.string()).nullish(),
      Created: z.number(),
      Size: z.number(),
      SharedSize: z.number(),
      Containers: z.number(),
    }),
  ),
  Containers: list(
    z.object({
      Id: z.string(),
      Names: z.array(z.string()),
      Image: z.string(),
      Command: z.string(),
      Created: z.number(),
      State: z.string(),
      Status: z.string(),
      SizeRw: z.number().default(0),
      Mounts: list(z.object({ Type: z.string().optional() })),
    }),
  ),
  Volumes: list(
    z.object({
      Name: z.string(),
      UsageData: z.object({ Size: z.number(), RefCount: z.number() }),
    }),
  ),
  BuildCache: list(z.object({ Size: z.number() })),
});
export type Space = z.output<typeof space>;

export function printEach(context: Context, found: Space): void {
  const { out } = context;
  const age = (created: number): string => `${humanAge(Date.now() / 1000 - created)} ago`;
  out.write('Images space usage:\n\n');
  printList(context, {
    columns: columnsOf('REPOSITORY,TAG,IMAGE ID,CREATED,SIZE,SHARED SIZE,UNIQUE SIZE,CONTAINERS'),
    rows: found.Images.flatMap(({ RepoTags, ...one }) => {
      const tags = RepoTags?.length ? RepoTags : ['<none>:<none>'];
      return tags.map(tag => ({
        REPOSITORY: tag.slice(0, tag.lastIndexOf(':')),
        TAG: tag.slice(tag.lastIndexOf(':') + 1),
        'IMAGE ID': one.Id.replace('sha256:', '').slice(0, 12),
        CREATED: age(one.Created),
        SIZE: humanSize(one.Size, 3),
        'SHARED SIZE': humanSize(one.SharedSize),
        'UNIQUE SIZE': humanSize(one.Size - one.SharedSize),
        CONTAINERS: String(one.Containers),
      }));
    }),
  });
  out.write('\nContainers space usage:\n\n');
  printList(context, {
    columns: columnsOf('CONTAINER ID,IMAGE,COMMAND,LOCAL VOLUMES,SIZE,CREATED,STATUS,NAMES'),
    rows: found.Containers.map(one => ({
      'CONTAINER ID': one.Id.slice(0, 12),
      IMAGE: one.Image,
      COMMAND: `"${one.Command.length > 20 ? `${one.Command.slice(0, 19)}…` : one.Command}"`,
      'LOCAL VOLUMES': String(one.Mounts.filter(({ Type }) => Type === 'volume').length),
      SIZE: humanSize(one.SizeRw, 3),
      CREATED: age(one.Created),
      STATUS: one.Status,
      NAMES: one.Names.map(name => name.slice(1)).join(','),
    })),
  });
  out.write('\nLocal Volumes space usage:\n\n');
  printList(context, {
    columns: columnsOf('VOLUME NAME,LINKS,SIZE'),
    rows: found.Volumes.map(({ Name, UsageData }) => ({
      'VOLUME NAME': Name,
      LINKS: String(UsageData.RefCount),
      SIZE: humanSize(UsageData.Size),
    })),
  });
  out.write('\nBuild cache usage: 0B\n\n');
  const columns = columnsOf('CACHE ID,CACHE TYPE,SIZE,CREATED,LAST USED,USAGE,SHARED');
  printList(context, { columns, rows: [] });
}

/** Here a column's title is also the name of its field. */
function columnsOf(titles: string): readonly (readonly [string, string])[] {
  return titles.split(',').map(title => [title, title]);
}
