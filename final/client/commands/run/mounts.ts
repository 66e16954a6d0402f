// What is mounted, as `-v`, `--mount` and `--tmpfs` write it.
//
// - `readMount(text)`   the reader of `--mount`; @throws Error in docker's words
// - `mountsOf(flags)`   the parts of a create request

import { resolve } from 'node:path';
import { size } from './values.ts';

export interface MountFlags {
  readonly volume: readonly string[];
  readonly mount: readonly object[];
  readonly tmpfs: readonly string[];
}

export function mountsOf({ volume, mount, tmpfs }: MountFlags) {
  const anonymous = volume.filter(text => !text.includes(':'));
  return {
    Volumes: Object.fromEntries(anonymous.map(path => [path, {}])),
    Binds: volume.filter(text => text.includes(':')).map(absolute),
    Mounts: mount,
    Tmpfs: Object.fromEntries(
      tmpfs.map(text => {
        const [path = '', ...options] = text.split(':');
        return [path, options.join(':')];
      }),
    ),
  };
}

/** `./data:/data` is a folder of ours. */
function absolute(text: string): string {
  const [source = '', ...rest] = text.split(':');
  return [/^\.{1,2}(\/|$)/.test(source) ? resolve(source) : source, ...rest].join(':');
}

export function readMount(text: string): object {
  const fields = text.split(',').map(field => {
    const [key = '', ...value] = field.split('=');
    return [key.trim().toLowerCase(), value.join('=')] as const;
  });
  const mount: Record<string, unknown> = { Type: 'volume' };
  for (const [key, value] of fields) apply(mount, key, value);
  if (!mount['Target']) throw new Error('target is required');
  return mount;
}

function apply(mount: Record<string, unknown>, key: string, value: string): void {
  const within = (name: string, more: object): void => {
    const before = mount[name];
    mount[name] = { ...(typeof before === 'object' ? before : {}), ...more };
  };
  const isTrue = value === '' || value === 'true' || value === '1';
  switch (key) {
    case 'type':
      mount['Type'] = value.toLowerCase();
      break;
    case 'source':
    case 'src':
      mount['Source'] = /^\.{1,2}(\/|$)/.test(value) ? resolve(value) : value;
      break;
    case 'target':
    case 'dst':
    case 'destination':
      mount['Target'] = value;
      break;
    case 'readonly':
    case 'ro':
      mount['ReadOnly'] = isTrue;
      break;
    case 'bind-propagation':
      within('BindOptions', { Propagation: value.toLowerCase() });
      break;
    case 'bind-nonrecursive':
      within('BindOptions', { NonRecursive: isTrue });
      break;
    case 'volume-nocopy':
      within('VolumeOptions', { NoCopy: isTrue });
      break;
    case 'volume-subpath':
      within('VolumeOptions', { Subpath: value });
      break;
    case 'tmpfs-size':
      within('TmpfsOptions', { SizeBytes: size(value) });
      break;
    case 'tmpfs-mode':
      within('TmpfsOptions', { Mode: Number.parseInt(value, 8) });
      break;
    default:
      throw new Error(`unexpected key '${key}' in '${key}=${value}'`);
  }
}
