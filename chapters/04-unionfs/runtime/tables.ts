// Images, containers and layers as text.
//
// - `historyTable`, `imageTable`, `containerTable`: a line each
// - `rootFsText(image)`: RootFS as `docker image inspect` prints it
//
// Sizes are those of the files, as Docker counts them: holes included.

import type { HistoryEntry } from '../images/schemas.ts';
import { hexOf } from '../layers/digest.ts';
import { ContainerBook } from '../store/containers.ts';
import type { ImageStore, StoredImage } from '../store/store.ts';

const noStep: HistoryEntry = {};

/** The newest first; a step without a layer has changed only the configuration. */
export function historyTable(store: ImageStore, image: StoredImage): string {
  const layers = [...image.layers];
  const steps = (image.config.history ?? []).map(step => {
    const layer = step.empty_layer ? undefined : layers.shift();
    return { step, layer };
  });
  // What an image's history does not tell, its layers do.
  const untold = layers.map(layer => ({ step: noStep, layer }));
  const rows = [...steps, ...untold].toReversed().map(({ step, layer }) => {
    const applied = layer === undefined ? undefined : store.driver.applied(layer);
    const { created_by: by = '', comment = '', created } = step;
    return [
      layer?.slice(0, 12) ?? '<none>',
      created?.slice(0, 19) ?? '',
      by.replaceAll(/\s+/g, ' ').slice(0, 44),
      layer === undefined ? '0 B' : sizeText(applied?.bytes ?? 0),
      comment,
    ];
  });
  return table([['LAYER', 'CREATED', 'CREATED BY', 'SIZE', 'COMMENT'], ...rows]);
}

export function imageTable(store: ImageStore): string {
  const rows = store.list().flatMap(image => {
    const size = sizeText(imageBytes(store, image));
    const names = store.namesOf(image.id);
    const count = `${image.layers.length}`;
    return (names.length > 0 ? names : ['<none>']).map(name => [
      name,
      hexOf(image.id).slice(0, 12),
      count,
      size,
    ]);
  });
  return table([['NAME', 'IMAGE ID', 'LAYERS', 'SIZE'], ...rows]);
}

export function containerTable(store: ImageStore): string {
  const book = new ContainerBook(store);
  const rows = book.list().map(one => {
    const [name = hexOf(one.image).slice(0, 12)] = store.namesOf(one.image);
    const ended = one.exitCode === undefined ? 'ended' : `exited (${one.exitCode})`;
    const status = book.isRunning(one) ? 'running' : ended;
    return [one.id.slice(0, 12), one.name, name, status, one.argv.join(' ')];
  });
  return table([['CONTAINER ID', 'NAME', 'IMAGE', 'STATUS', 'COMMAND'], ...rows]);
}

/** As `docker image inspect` prints it, with the same blanks. */
export function rootFsText({ id, config }: StoredImage): string {
  const RootFS = { Type: config.rootfs.type, Layers: config.rootfs.diff_ids };
  return `${JSON.stringify([{ Id: id, RootFS }], undefined, 4)}\n`;
}

function imageBytes(store: ImageStore, { layers }: StoredImage): number {
  return layers.reduce((sum, id) => sum + (store.driver.applied(id)?.bytes ?? 0), 0);
}

/** Docker's: decimal, three digits. */
function sizeText(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${Number(value.toPrecision(3))} ${units[unit] ?? 'B'}`;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map(row => (row[column] ?? '').length)),
  );
  return rows
    .map(row => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map(line => `${line.trimEnd()}\n`)
    .join('');
}
