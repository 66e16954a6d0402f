/**
 * Images there and back, with skopeo and umoci as the judges.
 */
import { execFileSync } from 'node:child_process';
import { createWriteStream, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { check } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import { openImage } from '../images/open-image.ts';
import { saveImages } from '../images/save.ts';
import { commit } from '../store/commit.ts';
import { openContainerRoot } from '../store/container-root.ts';
import { openStore } from '../store/open-store.ts';
import type { ImageStore, StoredImage } from '../store/store.ts';

const needs = ['root', 'native', 'overlay', 'tool:umoci', 'tool:skopeo'] as const;

function shell(script: string, cwd: string): string {
  return execFileSync('bash', ['-ec', script], { cwd, encoding: 'utf8' });
}

/** An image of two layers, made by umoci, with something of everything. */
const makeImage = `
  umoci init --layout image; umoci new --image image:base
  umoci unpack --image image:base one >/dev/null
  mkdir -p one/rootfs/etc one/rootfs/var/log one/rootfs/bin
  echo root > one/rootfs/etc/passwd; echo a > one/rootfs/var/log/a
  echo b > one/rootfs/b
  ln one/rootfs/b one/rootfs/bin/hard; ln -s ../b one/rootfs/bin/soft
  setfattr -n user.note -v x one/rootfs/b; chown 7:8 one/rootfs/etc/passwd
  touch -d '2021-03-04 05:06:07' one/rootfs/b
  umoci repack --refresh-bundle --image image:base one >/dev/null
  rm one/rootfs/b; rm -r one/rootfs/var/log; mkdir one/rootfs/var/log
  echo n > one/rootfs/var/log/n
  umoci repack --image image:base one --refresh-bundle >/dev/null
`;

async function saved(
  store: ImageStore,
  image: StoredImage,
  file: string,
): Promise<void> {
  const names = store.namesOf(image.id);
  await pipeline(
    Readable.from(saveImages(store, [{ image, names }])),
    createWriteStream(file),
  );
}

function listing(folder: string): string {
  const form = '%P|%M|%U:%G|%l|%n';
  return shell(
    `find . ! -type d -printf '${form}|%s|%T@\\n' | sort
     find . -mindepth 1 -type d -printf '%P|%M|%U:%G\\n' | sort
     find . -type f -print0 | sort -z | xargs -0r sha256sum`,
    folder,
  );
}

check(
  'an image of umoci shows the files that umoci unpacks',
  { needs },
  async context => {
    const place = await context.scratch();
    shell(makeImage, place);
    shell('umoci unpack --image image:base theirs >/dev/null', place);
    const store = openStore(`${place}/store`, 'vfs');
    using image = openImage(`${place}/image`);
    const { layers } = await store.add(image);
    const top = layers.at(-1) ?? '';
    const [folder = ''] = store.driver.layers(top, false).folders;
    expect(listing(folder)).toBe(listing(`${place}/theirs/rootfs`));
  },
);

check(
  'what we save is what came, for umoci and for skopeo',
  { needs },
  async context => {
    const place = await context.scratch();
    shell(makeImage, place);
    const store = openStore(`${place}/store`);
    using image = openImage(`${place}/image`);
    const stored = await store.add(image, { names: ['example/box:1'] });
    await saved(store, stored, `${place}/saved.tar`);
    shell('skopeo copy --quiet oci-archive:saved.tar oci:back:base', place);
    shell('skopeo copy --quiet docker-archive:saved.tar dir:dockers', place);
    shell(
      `umoci unpack --image image:base one2 >/dev/null
     umoci unpack --image back:base two >/dev/null`,
      place,
    );
    expect(listing(`${place}/two/rootfs`)).toBe(listing(`${place}/one2/rootfs`));
    const inspected: unknown = JSON.parse(
      shell('skopeo inspect docker-archive:saved.tar', place),
    );
    expect(inspected).toMatchObject({ Layers: stored.config.rootfs.diff_ids });
  },
);

check(
  'a commit is an image that umoci unpacks with the change in it',
  { needs },
  async context => {
    const place = await context.scratch();
    shell(makeImage, place);
    const store = openStore(`${place}/store`);
    using image = openImage(`${place}/image`);
    const stored = await store.add(image);
    {
      using root = await openContainerRoot({ store, image: stored, id: 'box' });
      const at = `/proc/self/fd/${root.descriptor}`;
      writeFileSync(`${at}/etc/passwd`, 'changed\n');
      writeFileSync(`${at}/new`, 'new\n');
      execFileSync('rm', ['-r', 'bin'], { cwd: at });
    }
    const record = {
      name: 'box',
      id: 'box',
      image: stored.id,
      argv: ['sh'],
      created: '2026-01-01T00:00:00Z',
      passing: false,
    };
    const made = await commit(store, record, { name: 'mine' });
    expect(made.layers).toHaveLength(3);
    expect(made.layers.slice(0, 2)).toEqual(stored.layers);
    await saved(store, made, `${place}/saved.tar`);
    shell('skopeo copy --quiet oci-archive:saved.tar oci:back:base', place);
    shell('umoci unpack --image back:base two >/dev/null', place);
    expect(readFileSync(`${place}/two/rootfs/etc/passwd`, 'utf8')).toBe('changed\n');
    expect(readFileSync(`${place}/two/rootfs/new`, 'utf8')).toBe('new\n');
    expect(existsSync(`${place}/two/rootfs/bin`)).toBe(false);
    // What is this machine's own stays in the init layer.
    expect(existsSync(`${place}/two/rootfs/etc/hosts`)).toBe(false);
  },
);

check(
  'docker’s archive and both forms of OCI are one image',
  { needs },
  async context => {
    const place = await context.scratch();
    shell(makeImage, place);
    shell('skopeo copy --quiet oci:image:base docker-archive:d.tar:box:1', place);
    shell('skopeo copy --quiet oci:image:base oci-archive:o.tar', place);
    const ids = ['image', 'd.tar', 'o.tar'].map(name => {
      using image = openImage(`${place}/${name}`);
      return image.config.rootfs.diff_ids.join(' ');
    });
    expect(new Set(ids).size).toBe(1);
    const store = openStore(`${place}/store`);
    using docker = openImage(`${place}/d.tar`);
    expect(docker.names).toEqual(['docker.io/library/box:1']);
    const one = await store.add(docker);
    using oci = openImage(`${place}/o.tar`);
    const other = await store.add(oci);
    expect(one.layers).toEqual(other.layers);
  },
);

check(
  'a blob that was changed is refused by name, and nothing is kept',
  { needs },
  async context => {
    const place = await context.scratch();
    shell(makeImage, place);
    shell(
      `umoci gc --layout image; largest=$(ls -S image/blobs/sha256 | head -1)
     printf X |
       dd of=image/blobs/sha256/$largest bs=1 seek=40 conv=notrunc status=none`,
      place,
    );
    const store = openStore(`${place}/store`);
    const tried = async (): Promise<unknown> => {
      using image = openImage(`${place}/image`);
      return await store.add(image);
    };
    await expect(tried()).rejects.toThrow(/refused|changed|disagree|JSON/);
    expect(store.list()).toEqual([]);
  },
);
