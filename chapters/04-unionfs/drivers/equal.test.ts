/**
 * Any layers on any layers: what overlayfs shows of them, and what plain copies hold, is equal.
 *
 * The two get there by different ways: the kernel reads signs, vfs deletes files. Where one of
 * them refuses a layer, the other does.
 */
import { readFileSync } from 'node:fs';
import { check } from '@slipway/lab/check.ts';
import { listFolder, type FileEntry } from '@slipway/native';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { archive, wholeOf, type TestEntry } from '../tar/archive.fixture.ts';
import type { GraphDriver } from './driver.ts';
import { overlayDriver } from './overlay.ts';
import { vfsDriver } from './vfs.ts';

const needs = ['root', 'native', 'overlay'] as const;

const name = fc.constantFrom('a', 'b', 'c');
const path = fc
  .array(name, { minLength: 1, maxLength: 3 })
  .map(names => names.join('/'));

const anyEntry: fc.Arbitrary<TestEntry> = fc.oneof(
  fc.record({
    name: path,
    content: fc.constantFrom('1', '2').map(text => Buffer.from(text)),
  }),
  fc.record({
    name: path,
    kind: fc.constant('folder' as const),
    mode: fc.constantFrom(0o755, 0o700),
  }),
  fc.record({ name: path, kind: fc.constant('link' as const), target: path }),
  fc.record({ name: path, kind: fc.constant('hardLink' as const), target: path }),
  path.map(one => ({ name: one.replace(/[^/]*$/, last => `.wh.${last}`) })),
  path.map(one => ({ name: `${one}/.wh..wh..opq` })),
);

const anyLayer = fc
  .array(anyEntry, { maxLength: 6 })
  .map(entries => archive(...entries));

/** Each layer on the one before; one that is refused is left out, and told. */
async function outcome(
  graph: GraphDriver,
  layers: readonly Buffer[],
): Promise<readonly string[]> {
  const told: string[] = [];
  let parent: string | undefined;
  for (const [number, layer] of layers.entries()) {
    const id = `l${number}`;
    try {
      await graph.applyDiff(id, parent, [layer]);
      parent = id;
    } catch (error) {
      told.push(error instanceof Error ? `${id}: ${error.message}` : id);
    }
  }
  if (parent === undefined) return told;
  using tree = graph.getReadOnly(parent);
  return [...told, ...listing(tree.descriptor, '')];
}

function listing(root: number, folder: string): readonly string[] {
  return listFolder(root, folder).flatMap(entry => {
    const inside = folder === '' ? entry.name : `${folder}/${entry.name}`;
    const below = entry.kind === 'folder' ? listing(root, inside) : [];
    return [`${inside} ${describe(root, inside, entry)}`, ...below];
  });
}

function describe(root: number, inside: string, entry: FileEntry): string {
  const { kind, mode, target } = entry;
  if (kind !== 'file') return `${kind} ${mode.toString(8)} ${target}`;
  const text = readFileSync(`/proc/self/fd/${root}/${inside}`, 'utf8');
  return `file ${mode.toString(8)} ${text}`;
}

check(
  'overlayfs and plain copies show the same of any layers',
  { needs },
  async context => {
    const place = await context.scratch();
    let run = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyLayer, { minLength: 1, maxLength: 3 }),
        async layers => {
          run += 1;
          const union = await outcome(overlayDriver(`${place}/o${run}`), layers);
          const copies = await outcome(vfsDriver(`${place}/v${run}`), layers);
          expect(copies).toEqual(union);
        },
      ),
      { numRuns: 150 },
    );
  },
);

check(
  'an archive of what a layer has changed makes the same layer',
  { needs },
  async context => {
    const place = await context.scratch();
    let run = 0;
    await fc.assert(
      fc.asyncProperty(anyLayer, anyLayer, async (low, high) => {
        run += 1;
        for (const make of [overlayDriver, vfsDriver]) {
          const graph = make(`${place}/${make.name}-${run}`);
          const known = await graph
            .applyDiff('low', undefined, [low])
            .catch(() => undefined);
          if (known === undefined) continue;
          const other = await graph
            .applyDiff('high', 'low', [high])
            .catch(() => undefined);
          if (other === undefined) continue;
          using whole = graph.getReadOnly('high');
          await graph.create('box', 'high');
          const nothing = wholeOf(graph.diff('box'));
          await graph.applyDiff('again', 'high', [nothing]);
          using again = graph.getReadOnly('again');
          expect(listing(again.descriptor, '')).toEqual(listing(whole.descriptor, ''));
        }
      }),
      { numRuns: 30 },
    );
  },
);
