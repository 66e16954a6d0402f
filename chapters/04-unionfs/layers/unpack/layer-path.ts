// The names in a path from a stranger: beneath the layer's folder, or refused.
//
// - `layerPath(name)`: without `./` and a leading `/`, which both mean the folder
//
// Links are the kernel's business (openat2(2), RESOLVE_NO_SYMLINKS): a text cannot tell
// what is one.

import type { ByteName } from '@slipway/native';
import { LayerRefused } from '../refused.ts';

/** Empty for the folder itself. @throws LayerRefused */
export function layerPath(name: ByteName): ByteName {
  if (name.includes('\0')) throw new LayerRefused('its name holds a NUL byte', name);
  if (!/(^|\/)(\.{0,2})(\/|$)/.test(name)) return name;
  const names = name.split('/').filter(part => part !== '' && part !== '.');
  if (names.includes('..')) throw new LayerRefused('its path holds ..', name);
  return names.join('/');
}
