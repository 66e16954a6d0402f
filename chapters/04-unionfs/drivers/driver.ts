// A graph driver: how layers lie on the disk, and how several become one tree.
//
// The life of a layer, in Docker's words:
//
//     applyDiff(id, parent, archive)     an image's layer comes in; never written to
//     adopt(from, id, parent)            the same in two steps: its place comes later
//     create(id, parent)                 a container's layer, empty, to be written to
//     get(id)  … put                     the tree of the layer and all its parents
//     diff(id), changes(id)              what is in this one and not in its parent
//     remove(id)                         parents stay
//
// - `GraphDriver`: the interface; contract.test.ts is its meaning
// - `OpenTree`: what `get` gives; disposing it is `put`
//
// Ids match one grammar before they touch a path. A layer is there whole or not at all.

import type { OpenMount } from '@slipway/native';
import type { ApplyOptions, Applied } from '../layers/apply.ts';
import type { Change } from '../layers/changes.ts';
import type { LayerSource } from '../layers/unpack/decompress.ts';

export interface GraphDriver {
  readonly name: 'overlay' | 'aufs' | 'vfs';
  exists(id: string): boolean;
  /** All layers, those of images and those of containers. */
  list(): readonly string[];
  parentOf(id: string): string | undefined;
  /** An empty layer on `parent`. @throws GraphError if there is one already */
  create(id: string, parent?: string): Promise<void>;
  /** @throws LayerRefused naming the entry; then there is no such layer */
  applyDiff(
    id: string,
    parent: string | undefined,
    source: LayerSource,
    options?: LayerOptions,
  ): Promise<Applied>;
  /**
   * A layer that was applied on nothing gets its place: it is `id` now, on `parent`.
   *
   * @throws GraphError if there is an `id` already, or no such parent
   */
  adopt(from: string, id: string, parent?: string): Promise<void>;
  /** What `applyDiff` has said about it; undefined for a container's layer. */
  applied(id: string): Applied | undefined;
  /** The layer and those below it, without mounting anything. */
  layers(id: string, writable: boolean): Layers;
  /** Of a container's layer: writable, and by one holder at a time. */
  get(id: string): OpenTree;
  /** Whether somebody has `get` it and not given it back; a killed one has. */
  isHeld(id: string): boolean;
  /** Of any layer: nobody can write there. */
  getReadOnly(id: string): OpenTree;
  /** The archive of what `id` has on top of its parent. */
  diff(id: string): Iterable<Buffer>;
  changes(id: string): readonly Change[];
  /** Bytes of the files that `id` has on top of its parent. */
  diffSize(id: string): number;
  /** Nothing happens if there is no such layer. */
  remove(id: string): void;
  /** What killed ones have left half made. Only for who knows that he is alone here. */
  sweep(): void;
  /** What `docker info` would show of it. */
  status(): readonly (readonly [name: string, value: string])[];
}

export interface LayerOptions extends ApplyOptions {
  /** Nobody will ask for its archive, to the byte: no recipe is kept. */
  readonly passing?: boolean;
}

/** What a tree consists of, the highest first. */
export interface Layers {
  readonly folders: readonly string[];
  /** Each of them as aufs would list it: `…=rw`, `…-init=ro+wh`, `…=ro+wh`. */
  readonly branches: readonly string[];
}

/** A mount in nobody's mount table. */
export interface OpenTree extends OpenMount, Layers {}

export class GraphError extends Error {
  override readonly name = 'GraphError';
}

/** A chain id's digits, a container's id, or either with `-init`. */
const grammar = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/;

export function isId(text: string): boolean {
  return grammar.test(text);
}

/** @throws GraphError */
export function checkId(id: string): string {
  if (isId(id)) return id;
  throw new GraphError(`${JSON.stringify(id)} is no id of a layer`);
}
