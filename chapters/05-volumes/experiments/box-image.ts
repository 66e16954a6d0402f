// An image made of a root, by hand: a layer, a configuration, and a list of both.
//
// - `boxImage(place)`: the path of a tar that --image takes

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Prepared } from './run-command.ts';

/** As `docker save` writes it. */
export function boxImage({ folder, root }: Prepared): string {
  const layer = `${folder}/layer.tar`;
  execFileSync('tar', ['-C', root, '-cf', layer, '.']);
  const digest = createHash('sha256').update(readFileSync(layer)).digest('hex');
  const config = {
    architecture: 'amd64',
    os: 'linux',
    config: { Cmd: ['sh'], Env: ['PATH=/bin:/usr/bin'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
  };
  const list = [
    { Config: 'config.json', RepoTags: ['box:latest'], Layers: ['layer.tar'] },
  ];
  writeFileSync(`${folder}/config.json`, JSON.stringify(config));
  writeFileSync(`${folder}/manifest.json`, JSON.stringify(list));
  const image = `${folder}/box.tar`;
  const files = ['manifest.json', 'config.json', 'layer.tar'];
  execFileSync('tar', ['-C', folder, '-cf', image, ...files]);
  return image;
}
