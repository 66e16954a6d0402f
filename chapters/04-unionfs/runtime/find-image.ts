// What --image means: a file, a folder, or an image that is here already.
//
// - `findImage(store, reference)`: brought into the store if it is a path
// - `nameInside(image, path)`: what such an image is called afterwards

import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { UsageError } from '@slipway/namespaces';
import { openImage, type OpenImage } from '../images/open-image.ts';
import type { ImageStore, StoredImage } from '../store/store.ts';

/** @throws UsageError, ImageRefused, LayerRefused */
export async function findImage(
  store: ImageStore,
  reference: string,
): Promise<StoredImage> {
  const isPath = reference.includes('/') || existsSync(reference);
  const known = isPath ? undefined : store.find(reference);
  if (known !== undefined) return known;
  if (!existsSync(reference)) {
    const here = store.list().flatMap(({ id }) => store.namesOf(id));
    const offered = here.length > 0 ? `; here are ${here.join(', ')}` : '';
    throw new UsageError(`--image ${reference}: no such file, no such image${offered}`);
  }
  using image = openImage(reference);
  const known2 = store.byId(image.id);
  const complete = known2?.layers.every(layer => store.driver.exists(layer));
  const names = [nameInside(image, reference)];
  if (known2 === undefined || !complete) return await store.add(image, { names });
  for (const name of names) store.name(known2.id, name);
  return known2;
}

/** What a `docker save` calls it, else the name of the file. */
function nameInside({ names }: OpenImage, path: string): string {
  // Somebody else has written them: a terminal, too, shows what we call an image.
  const said = names.filter(name => /^\w[\w.:/@-]*$/.test(name));
  const full = said.find(name => /[:/]/.test(name));
  if (full !== undefined) return full;
  const clean = basename(path)
    .replace(/\.(tar|oci|tgz|tar\.\w+)+$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-');
  return `${clean || 'image'}:${said[0] ?? 'latest'}`;
}
