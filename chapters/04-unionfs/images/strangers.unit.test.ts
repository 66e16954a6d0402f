/**
 * Images made by strangers: what no reader should wait for, show or start.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { digestOf, hexOf, type Digest } from '../layers/digest.ts';
import { openImage } from './open-image.ts';

interface Layout extends Disposable {
  readonly folder: string;
  put(document: unknown): { readonly digest: Digest; readonly size: number };
}

/** An image layout of no layers, to be spoilt. */
function layout(config: object = {}): Layout {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-layout-'));
  mkdirSync(`${folder}/blobs/sha256`, { recursive: true });
  const put: Layout['put'] = document => {
    const bytes = Buffer.from(JSON.stringify(document));
    const digest = digestOf(bytes);
    writeFileSync(`${folder}/blobs/sha256/${hexOf(digest)}`, bytes);
    return { digest, size: bytes.length };
  };
  const rootfs = { type: 'layers', diff_ids: [] };
  const about = put({ architecture: 'amd64', os: 'linux', rootfs, ...config });
  const manifest = put({ schemaVersion: 2, config: about, layers: [] });
  const index = { schemaVersion: 2, manifests: [manifest] };
  writeFileSync(`${folder}/index.json`, JSON.stringify(index));
  const remove = (): void => rmSync(folder, { recursive: true });
  return { folder, put, [Symbol.dispose]: remove };
}

test('an image of nothing is an image', () => {
  using made = layout();
  using image = openImage(made.folder);
  expect(image.layers).toEqual([]);
});

test('a document that is a pipe, a device or a folder is no document', () => {
  const spoilt: Readonly<Record<string, (path: string) => void>> = {
    pipe: path => execFileSync('mkfifo', [path]),
    device: path => symlinkSync('/dev/zero', path),
    folder: path => mkdirSync(path),
  };
  for (const make of Object.values(spoilt)) {
    using made = layout();
    rmSync(`${made.folder}/index.json`);
    make(`${made.folder}/index.json`);
    expect(() => openImage(made.folder)).toThrow('index.json is no ordinary file');
  }
});

test('an image that is no file and no folder is none', () => {
  expect(() => openImage('/dev/zero')).toThrow('/dev/zero is no ordinary file');
});

test('an image for another system is not loaded', () => {
  using made = layout({ os: 'windows' });
  expect(() => openImage(made.folder)).toThrow('cannot load windows image on linux');
});

test('nesting without end is read, and is only nesting', () => {
  using made = layout();
  const deep = `${'['.repeat(1e6)}${']'.repeat(1e6)}`;
  writeFileSync(`${made.folder}/index.json`, deep);
  expect(() => openImage(made.folder)).toThrow('index.json: ');
});
