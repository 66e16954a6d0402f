// What can be asked of images and containers beside running them.
//
// - `verbs`: `apply`, `build`, `commit`, `diff`, `history`, `layers`, `inspect`,
//   `save`, `images`, `ps`, `rm`, each from its command line to its exit status
//
// The outputs are those of Docker's client where it has the same verb.

import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { UsageError } from '@slipway/namespaces';
import { byteNameOf, shownName } from '@slipway/native';
import type { Command } from 'commander';
import { saveImages } from '../images/save.ts';
import { applyLayer } from '../layers/apply.ts';
import { layerOf } from '../layers/changes.ts';
import { buildImage } from '../store/build.ts';
import { commit } from '../store/commit.ts';
import { ContainerBook, type ContainerRecord } from '../store/containers.ts';
import type { ImageStore, StoredImage } from '../store/store.ts';
import type { Verb } from '@slipway/namespaces/runtime/command-line.ts';
import { findImage } from './find-image.ts';
import { addStoreOptions, openFlaggedStore, type StoreFlags } from './options.ts';
import { containerTable, historyTable, imageTable, rootFsText } from './tables.ts';

export const verbs: Readonly<Record<string, Verb>> = {
  /** Folders become an image, each of them a layer. */
  async build(command, argv) {
    command
      .argument('<name>')
      .argument('<folder...>', 'its layers, the lowest first')
      .option('--cmd <words>', 'what it runs, as in "sh -c date"');
    const { store, words, flags } = parse<{ readonly cmd?: string }>(command, argv);
    const [name = '', ...folders] = words;
    const made = await buildImage(store, folders, {
      name,
      created: new Date().toISOString(),
      ...(flags.cmd !== undefined && { command: flags.cmd.split(' ') }),
    });
    return print(`${made.id}\n`);
  },

  /** A layer's archive becomes a folder, or is refused. */
  async apply(command, argv) {
    const parsed = command
      .argument('<layer.tar>')
      .argument('<folder>')
      .parse(argv, { from: 'user' });
    const [archive = '', folder = ''] = parsed.args;
    const { diffId, entries } = await applyLayer(archive, folder);
    return print(`${folder}: ${entries} entries of ${diffId}\n`);
  },

  async commit(command, argv) {
    command
      .argument('<container>')
      .argument('[name]', 'what the new image is called')
      .option('-m, --message <text>', 'a remark for the history')
      .option('-a, --author <name>', 'who has made it');
    const { store, words, flags } = parse<CommitFlags>(command, argv);
    const { message, author } = flags;
    const [container = '', name] = words;
    const made = await commit(store, containerOf(store, container), {
      ...(name !== undefined && { name }),
      ...(message !== undefined && { message }),
      ...(author !== undefined && { author }),
    });
    return print(`${made.id}\n`);
  },

  async diff(command, argv) {
    command.argument('<container>');
    const { store, words } = parse(command, argv);
    const { id } = containerOf(store, words[0] ?? '');
    const lines = store.driver
      .changes(id)
      .map(({ kind, path }) => `${kind} ${shownName(path)}\n`);
    return print(lines.join(''));
  },

  async history(command, argv) {
    command.argument('<image>');
    const { store, words } = parse(command, argv);
    return print(historyTable(store, await findImage(store, words[0] ?? '')));
  },

  /** Of a container or an image; with paths, the layer that each of them comes from. */
  async layers(command, argv) {
    command.argument('<container|image>').argument('[path...]');
    const { store, words } = parse(command, argv);
    const [of = '', ...paths] = words;
    const { folders, branches } = await treeOf(store, of);
    if (paths.length === 0) return print(branches.map(one => `${one}\n`).join(''));
    for (const path of paths) {
      const number = layerOf(folders, byteNameOf(path));
      const branch = number === undefined ? 'in no layer' : branches[number];
      print(`${path}  ${branch ?? ''}\n`);
    }
    return 0;
  },

  /** The part of `docker image inspect` that this chapter is about. */
  async inspect(command, argv) {
    command.argument('<image>');
    const { store, words } = parse(command, argv);
    return print(rootFsText(await findImage(store, words[0] ?? '')));
  },

  async save(command, argv) {
    command.argument('<image>').argument('<file.tar>');
    const { store, words } = parse(command, argv);
    const [reference = '', file = ''] = words;
    const image = await findImage(store, reference);
    const pieces = saveImages(store, [{ image, names: store.namesOf(image.id) }]);
    // Under another name until it is whole.
    const partial = `${file}.partial`;
    try {
      await pipeline(Readable.from(pieces), createWriteStream(partial));
      await rename(partial, file);
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
    return 0;
  },

  async images(command, argv) {
    return print(imageTable(parse(command, argv).store));
  },

  async ps(command, argv) {
    return print(containerTable(parse(command, argv).store));
  },

  async rm(command, argv) {
    command.argument('<container...>');
    const { store, words } = parse(command, argv);
    const book = new ContainerBook(store);
    for (const word of words) {
      book.remove(containerOf(store, word));
      print(`${word}\n`);
    }
    return 0;
  },
};

interface CommitFlags {
  readonly message?: string;
  readonly author?: string;
}

interface Parsed<T> {
  readonly store: ImageStore;
  readonly words: readonly string[];
  readonly flags: T & StoreFlags;
}

function parse<T = StoreFlags>(command: Command, argv: readonly string[]): Parsed<T> {
  const parsed = addStoreOptions(command)
    .passThroughOptions(false)
    .parse(argv, { from: 'user' });
  const flags = parsed.opts<T & StoreFlags>();
  return { store: openFlaggedStore(flags), words: parsed.args, flags };
}

/** @throws UsageError listing those that there are */
function containerOf(store: ImageStore, reference: string): ContainerRecord {
  const book = new ContainerBook(store);
  const found = book.find(reference);
  if (found !== undefined) return found;
  const names = book.list().map(({ name }) => name);
  const here = names.length > 0 ? `: here are ${names.join(', ')}` : '';
  throw new UsageError(`there is no container ${reference}${here}`);
}

async function treeOf(
  store: ImageStore,
  reference: string,
): Promise<{ folders: readonly string[]; branches: readonly string[] }> {
  const container = new ContainerBook(store).find(reference);
  if (container !== undefined) return store.driver.layers(container.id, true);
  const image: StoredImage = await findImage(store, reference);
  const top = image.layers.at(-1);
  return top === undefined
    ? { folders: [], branches: [] }
    : store.driver.layers(top, false);
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}
