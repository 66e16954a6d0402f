// A graph of its own for a test, and archives to put into it.
//
// - `openTestGraph(place, driver?)`: with what it has told, and its events
// - `layerOf`, `saveOf`, `tarOf`: made by GNU tar; `arriving`, `collected`: as streams

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { graphDrivers } from '../../graphdriver/drivers.ts';
import { chooseDriver } from '../../graphdriver/driver.ts';
import { openDatabase, type Database } from '../database.ts';
import { Graph, type GraphOptions } from '../graph.ts';

export interface TestGraph extends Disposable {
  readonly graph: Graph;
  readonly database: Database;
  readonly told: string[];
  readonly events: string[];
}

export function openTestGraph(
  place: string,
  driver = 'overlay',
  more: Partial<GraphOptions> = {},
): TestGraph {
  const told: string[] = [];
  const events: string[] = [];
  const log = (message: string): void => void told.push(message);
  const database = openDatabase({ file: `${place}/slipway.db`, log });
  const root = `${place}/graph`;
  const graph = new Graph({
    root,
    database,
    driver: chooseDriver(graphDrivers, { root, name: driver, env: {} }),
    log,
    onEvent: (action, image, name) => void events.push(`${action} ${image.id} ${name}`),
    ...more,
  });
  return { graph, database, told, events, [Symbol.dispose]: () => database[Symbol.dispose]() };
}

export type TreeFile = readonly [path: string, content: string];

/** A layer's tar, by GNU tar. */
export function layerOf(scratch: string, files: readonly TreeFile[]): Buffer {
  const script = `set -e; rm -rf "$1/t"; mkdir -p "$1/t"; cd "$1/t"; shift
    while [ $# -gt 0 ]; do mkdir -p "$(dirname "$1")"; printf %s "$2" >"$1"; shift 2; done
    tar --sort=name --mtime=@0 --owner=0 --group=0 -cf - .`;
  const args = ['-c', script, 'sh', scratch, ...files.flat()];
  return run('sh', args);
}

export interface PackedImage {
  readonly archive: Buffer;
  readonly id: string;
}

export interface Packing {
  readonly name?: string;
  readonly layers: readonly Buffer[];
  readonly config?: Readonly<Record<string, unknown>>;
}

/** The old form of `docker save`: layers first, the list at the end. */
export function saveOf(scratch: string, images: readonly Packing[]): PackedImage {
  const files = new Map<string, Buffer>();
  let id = '';
  const manifest = images.map(({ name, layers, config }) => {
    const bytes = Buffer.from(
      JSON.stringify({
        architecture: 'amd64',
        os: 'linux',
        created: '2020-01-01T00:00:00Z',
        config: { Cmd: ['sh'], ...config },
        rootfs: { type: 'layers', diff_ids: layers.map(layer => `sha256:${sha(layer)}`) },
        history: layers.map(() => ({ created: '2020-01-01T00:00:00Z', created_by: 'a layer' })),
      }),
    );
    id = sha(bytes);
    files.set(`${id}.json`, bytes);
    for (const layer of layers) files.set(`${sha(layer)}.tar`, layer);
    const Layers = layers.map(layer => `${sha(layer)}.tar`);
    return { Config: `${id}.json`, RepoTags: name === undefined ? null : [name], Layers };
  });
  files.set('manifest.json', Buffer.from(JSON.stringify(manifest)));
  return { archive: tarOf(scratch, files), id: `sha256:${id}` };
}

export function tarOf(scratch: string, files: ReadonlyMap<string, Buffer>): Buffer {
  const script = `set -e; rm -rf "$1/a"; mkdir -p "$1/a"; cd "$1/a"; shift
    for name in "$@"; do read size; mkdir -p "$(dirname "$name")"; head -c "$size" >"$name"; done
    tar --sort=name -cf - *`;
  const bash = script.replace('read size', 'IFS= read -r size');
  const input = [...files.values()].flatMap(bytes => [Buffer.from(`${bytes.length}\n`), bytes]);
  return run('bash', ['-c', bash, 'bash', scratch, ...files.keys()], Buffer.concat(input));
}

function run(command: string, args: readonly string[], input?: Buffer): Buffer {
  const { status, stdout, stderr } = spawnSync(command, args, {
    input: input ?? '',
    maxBuffer: 1 << 30,
  });
  if (status !== 0) throw new Error(`${command}: ${stderr.toString()}`);
  return stdout;
}

function sha(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** As it would come from a socket. */
export function arriving(bytes: Buffer, piece = 65_536): Readable {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += piece) pieces.push(bytes.subarray(at, at + piece));
  return Readable.from(pieces);
}

export async function collected(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}
