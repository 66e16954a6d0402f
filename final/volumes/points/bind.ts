// `Binds`: what `-v` becomes, one text a mount.
//
// - `readBind(text)`: a folder of the host or a named volume, and where it goes
//
//     /host/folder:/target[:MODE]      NAME:/target[:MODE]      /target
//
// Docker's client has made paths absolute, and has put what has no source among the volumes;
// who speaks to the API himself may write it here, and gets a volume without a name.

import { invalid } from '../../engine/refusal.ts';
import { pointOf, type Draft } from './draft.ts';
import { cleanPath, type Mode, readMode, targetComplaint } from './place.ts';

/** @throws Refusal INVALID */
export function readBind(text: string): Draft {
  const parts = text.split(':');
  const isNameless = parts.length === 1;
  const [source = '', target = '', mode = ''] = isNameless ? ['', ...parts] : parts;
  const isWrong = parts[0] === '' || parts.length > 3;
  if (isWrong || (parts.length === 2 && readMode(target) !== undefined))
    throw invalid(`invalid volume specification: '${text}'`);
  const words = readMode(mode);
  if (words === undefined) throw invalid(`invalid mode: ${mode}`);
  const type: 'bind' | 'volume' = source.startsWith('/') ? 'bind' : 'volume';
  const complaint = targetComplaint(target) ?? forType(type, words);
  if (complaint !== undefined) {
    const why = `invalid mount config for type "${type}": ${complaint}`;
    throw invalid(`invalid volume specification: '${text}': ${why}`);
  }
  const about = {
    type,
    destination: cleanPath(target),
    // What Docker shows of a volume for which nothing was said.
    mode: mode === '' && type === 'volume' ? 'z' : mode,
    readWrite: !words.readOnly,
    noCopy: words.noCopy,
  };
  if (type === 'volume') {
    const point = pointOf({ ...about, source: '', propagation: '' });
    return isNameless ? point : { ...point, name: source };
  }
  const propagation = words.propagation || 'rprivate';
  return pointOf({ ...about, source: cleanPath(source), propagation, createSource: true });
}

function forType(type: 'bind' | 'volume', { propagation, noCopy }: Mode): string | undefined {
  if (type === 'volume' && propagation !== '') return 'field BindOptions must not be specified';
  return type === 'bind' && noCopy ? 'field VolumeOptions must not be specified' : undefined;
}
