/** Which modules come first, on made-up kernels and on lines that depmod wrote. */
import { expect, test } from 'vitest';
import { everySeed } from '../chance.ts';
import { loadOrder, parseBuiltin, parseModulesDep } from './modules.ts';

/** Shortened from a Debian kernel's file. */
const recorded = `
kernel/drivers/virtio/virtio_ring.ko:
kernel/drivers/virtio/virtio.ko: kernel/drivers/virtio/virtio_ring.ko
kernel/fs/netfs/netfs.ko:
kernel/fs/fscache/fscache.ko: kernel/fs/netfs/netfs.ko
kernel/net/9p/9pnet.ko:
kernel/net/9p/9pnet_virtio.ko: kernel/net/9p/9pnet.ko kernel/drivers/virtio/virtio.ko
kernel/fs/9p/9p.ko: kernel/net/9p/9pnet.ko kernel/fs/fscache/fscache.ko kernel/fs/netfs/netfs.ko
kernel/drivers/md/dm-mod.ko:
`;
const index = {
  dependencies: parseModulesDep(recorded),
  builtin: parseBuiltin('kernel/crypto/crc32c_generic.ko\n'),
};

test('what a module needs is loaded before it, and once', () => {
  expect(loadOrder(['9p', '9pnet_virtio'], index)).toEqual([
    'kernel/fs/netfs/netfs.ko',
    'kernel/fs/fscache/fscache.ko',
    'kernel/net/9p/9pnet.ko',
    'kernel/fs/9p/9p.ko',
    'kernel/drivers/virtio/virtio_ring.ko',
    'kernel/drivers/virtio/virtio.ko',
    'kernel/net/9p/9pnet_virtio.ko',
  ]);
});

test('a dash and an underscore are the same, and what is built in needs no file', () => {
  expect(loadOrder(['dm_mod'], index)).toEqual(['kernel/drivers/md/dm-mod.ko']);
  expect(loadOrder(['crc32c-generic'], index)).toEqual([]);
});

test('in any kernel every module comes after all that it needs', () => {
  everySeed(200, chance => {
    const names = Array.from({ length: 1 + chance.below(30) }, (_, at) => `kernel/m${at}.ko`);
    // A module needs only earlier ones, so there is no ring; the rows come in any order.
    const needsOf = (at: number): readonly string[] =>
      names.slice(0, at).filter(() => chance.below(4) === 0);
    const rows = names.map((file, at) => `${file}: ${chance.shuffled(needsOf(at)).join(' ')}`);
    const dependencies = parseModulesDep(chance.shuffled(rows).join('\n'));
    const wanted = chance.pick(names);
    const order = loadOrder([wanted], { dependencies, builtin: new Set() });
    expect(order.at(-1)).toBe(wanted);
    expect(new Set(order).size).toBe(order.length);
    for (const [at, file] of order.entries()) {
      for (const need of dependencies.get(file) ?? []) {
        expect(order.slice(0, at)).toContain(need);
      }
    }
  });
});

test('a module that does not exist, a missing file and a ring are named', () => {
  expect(() => loadOrder(['aufs'], index)).toThrow('this kernel has no module aufs');
  const broken = (text: string) => ({
    dependencies: parseModulesDep(text),
    builtin: new Set<string>(),
  });
  expect(() => loadOrder(['a'], broken('a.ko: b.ko'))).toThrow(
    'a.ko needs b.ko, which is not there',
  );
  expect(() => loadOrder(['a'], broken('a.ko: b.ko\nb.ko: a.ko'))).toThrow('a.ko -> b.ko');
  expect(() => parseModulesDep('no colon here')).toThrow('no colon');
});
