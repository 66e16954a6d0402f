// Images for the checkpoints, as a `docker save` writes them, and a place to use them.
//
// - `prepare()`: a scratch folder with a store of its own
// - `place.image(name, ...layers)`: an image file; its lowest layer holds busybox
// - `place.ask(subject, image, script, options?)`: what a shell in a container prints
//
// The archives are put together here, byte by byte; nothing of the subject is in them.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { scratchFolder } from '@slipway/lab';
import { diagnose, runSubject, type Subject } from '@slipway/lab/checkpoint.ts';
import { findProgram } from '@slipway/rootfs';
import { paddingOf, type TarEntry } from '../tar/entry.ts';
import { endOfArchive, entryHeader } from '../tar/writer.ts';

export interface LayerFile extends Partial<TarEntry> {
  readonly name: string;
  readonly text?: string;
}

export interface Place extends AsyncDisposable {
  readonly path: string;
  readonly root: string;
  /** A file with an image of these layers, the lowest first. */
  image(name: string, ...layers: readonly (readonly LayerFile[])[]): string;
  /** @throws Diagnosis `no-container` if it did not run */
  ask(
    subject: Subject,
    image: string,
    script: string,
    options?: readonly string[],
  ): Promise<string>;
  /** One of the subject's other commands. @throws Diagnosis `no-answer` */
  tell(subject: Subject, verb: string, ...words: readonly string[]): Promise<string>;
}

export function prepare(): Place {
  const scratch = scratchFolder();
  const { path } = scratch;
  const root = `${path}/store`;
  mkdirSync(root);
  return {
    path,
    root,
    image: (name, ...layers) => {
      const file = `${path}/${name}.tar`;
      writeFileSync(file, saved(layers.map(archiveOf)));
      return file;
    },
    ask: async (subject, image, script, options = []) => {
      const given = ['--root', root, '--image', image, ...options];
      const result = await runSubject(subject, [...given, '--', 'sh', '-c', script]);
      if (result.status === 125 || result.stderr.startsWith('slipway: ')) {
        const said = result.stderr.trim() || 'nothing';
        diagnose('no-container', `a container from ${image} did not start: ${said}`);
      }
      return result.stdout;
    },
    tell: async (subject, verb, ...words) => {
      const result = await runSubject(subject, [verb, '--root', root, ...words]);
      if (result.status === 0) return result.stdout;
      const said = result.stderr.trim() || 'nothing';
      return diagnose('no-answer', `${verb} ended with ${result.status}: ${said}`);
    },
    [Symbol.asyncDispose]: async () => scratch[Symbol.asyncDispose](),
  };
}

/** busybox, its folders, and the names that the checkpoints call. */
export function baseLayer(): readonly LayerFile[] {
  const folders = ['bin', 'dev', 'etc', 'proc', 'sys', 'tmp', 'var'].map(folder);
  const names = ['sh', 'ls', 'cat', 'echo', 'rm', 'stat', 'mkdir', 'sleep'];
  const program = readFileSync(findProgram('busybox')).toString('latin1');
  return [
    ...folders,
    { name: 'bin/busybox', mode: 0o755, text: program },
    ...names.map(name => ({
      name: `bin/${name}`,
      kind: 'link' as const,
      target: 'busybox',
    })),
  ];
}

export function folder(name: string): LayerFile {
  return { name, kind: 'folder', mode: 0o755 };
}

function archiveOf(files: readonly LayerFile[]): Buffer {
  const parts = files.map(({ text = '', ...rest }) => {
    const content = Buffer.from(text, 'latin1');
    return Buffer.concat([
      entryHeader({ ...usual, ...rest, size: content.length }),
      content,
      Buffer.alloc(paddingOf(content.length)),
    ]);
  });
  return Buffer.concat([...parts, endOfArchive]);
}

const usual = {
  kind: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  modified: { seconds: 1_600_000_000, nanoseconds: 0 },
  target: '',
  major: 0,
  minor: 0,
  xattrs: new Map(),
} as const;

function saved(layers: readonly Buffer[]): Buffer {
  const sum = (bytes: Buffer): string =>
    createHash('sha256').update(bytes).digest('hex');
  const config = JSON.stringify({
    architecture: process.arch === 'x64' ? 'amd64' : process.arch,
    os: 'linux',
    config: { Env: ['PATH=/bin'], Cmd: ['sh'] },
    rootfs: { type: 'layers', diff_ids: layers.map(layer => `sha256:${sum(layer)}`) },
  });
  const manifest = JSON.stringify([
    {
      Config: 'config.json',
      RepoTags: [],
      Layers: layers.map((_, n) => `${n}/layer.tar`),
    },
  ]);
  return archiveOf([
    ...layers.map((layer, number) => ({
      name: `${number}/layer.tar`,
      text: layer.toString('latin1'),
    })),
    { name: 'config.json', text: config },
    { name: 'manifest.json', text: manifest },
  ]);
}
