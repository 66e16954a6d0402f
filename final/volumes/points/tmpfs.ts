// Memory with a path: `Tmpfs`, what `--tmpfs` becomes, and `--mount type=tmpfs`.
//
// - `readTmpfs(target, text)`: `"size=1m,mode=1770,exec"`
// - `memoryWords(wish)`: the options of a mount of that type, as such words

import { invalid } from '../../engine/refusal.ts';
import { tmpfsOptions } from '../../libcontainer/volumes.ts';
import type { MountPoint } from '../mount-point.ts';
import type { MountWish } from '../mounting.ts';
import { pointOf } from './draft.ts';
import { cleanPath, targetComplaint } from './place.ts';

/** @throws Refusal INVALID */
export function readTmpfs(target: string, text: string): MountPoint {
  const complaint = targetComplaint(target);
  if (complaint !== undefined) throw invalid(complaint);
  const words = text === '' ? [] : text.split(',');
  for (const word of words) refuseWord(word);
  return pointOf({
    ...{ type: 'tmpfs', source: '', destination: cleanPath(target), mode: '', propagation: '' },
    ...{ readWrite: !words.includes('ro'), tmpfsOptions: words, hidden: true },
  });
}

function refuseWord(word: string): void {
  try {
    tmpfsOptions([word], '--tmpfs');
  } catch (cause) {
    throw invalid(`invalid tmpfs option ${JSON.stringify(word)}`, { cause });
  }
}

/** @throws Refusal INVALID */
export function memoryWords({ Type, ReadOnly, TmpfsOptions = {} }: MountWish): readonly string[] {
  const { SizeBytes = 0, Mode = 0, Options = [] } = TmpfsOptions;
  const refuse = (why: string) => invalid(`invalid mount config for type "${Type}": ${why}`);
  if (SizeBytes < 0 || Mode < 0 || Mode > 0o7777) throw refuse('invalid size or mode');
  const words = Options.map(([word = '', value, ...more]) => {
    if (more.length > 0 || word === '') throw refuse('invalid option array length');
    if (word !== 'exec' && word !== 'noexec') throw refuse(`invalid option: ${word}`);
    return value === undefined ? word : `${word}=${value}`;
  });
  return [
    ...(ReadOnly === true ? ['ro'] : []),
    ...(Mode === 0 ? [] : [`mode=${Mode.toString(8)}`]),
    ...(SizeBytes === 0 ? [] : [`size=${SizeBytes}`]),
    ...words,
  ];
}
