// Wrong answers to chapter 04: the mistakes that nearly everybody makes once, as
// programs.
//
// - `wrongAnswers`: the mistake, the checkpoint that has to see it, its diagnosis
//
// Two kinds: this chapter with other code in one of its holes, and the same command
// line made of tar(1) and mount(8), with a line changed. They are the tests of the
// tests: a checkpoint that no wrong answer fails is worth nothing.

import {
  changedHoles,
  changedScript,
  type TextChange,
  type WrongAnswer,
} from '@slipway/lab/checkpoint.ts';

const chapter = import.meta.dirname;

const union = 'mount -t overlay -o "$options" overlay "$0" && cd "$0"';

export const wrongAnswers: readonly WrongAnswer[] = [
  hole('order', 'the lowest layer is on top', 'union', 'bottom-wins'),
  hole('whiteout', 'whiteouts stay as they came', 'whiteouts', 'whiteout-shows'),
  hole('opaque', 'opaque folders are not known', 'whiteouts', 'opaque-shows'),
  hole('chain-id', 'a layer is stored by its diff id', 'chain', 'wrong-parent'),
  hole('attributes', 'everything belongs to root', 'attributes', 'owner-lost'),
  hole('attributes', 'the time is left as it comes', 'attributes', 'time-lost', [
    'const kept = [...xattrs].filter(([name]) => !isForeign(name));',
    'const now = { seconds: Math.floor(Date.now() / 1000), nanoseconds: 0 };',
    'void modified;',
    'return { mode, owner: { uid, gid }, modified: now, xattrs: new Map(kept) };',
  ]),
  hole('attributes', 'the set-uid bit is dropped', 'attributes', 'mode-lost', [
    'const kept = [...xattrs].filter(([name]) => !isForeign(name));',
    'const bits = mode & 0o777;',
    'return { mode: bits, owner: { uid, gid }, modified, xattrs: new Map(kept) };',
  ]),
  hole('attributes', 'extended attributes are dropped', 'attributes', 'xattrs-lost', [
    'void [xattrs, isForeign];',
    'return { mode, owner: { uid, gid }, modified };',
  ]),
  hole(
    'own-layer',
    'the layer is called after the image',
    'own-layer',
    'shared-writes',
  ),
  hole('init', 'there is nothing in the init layer', 'init-layer', 'no-hosts'),
  hole('commit', 'the new layer is not in the list', 'commit', 'no-new-layer'),
  hole('remove', 'only the init layer is removed', 'removed', 'left-behind'),
  script('the union is mounted on the host', 'no-mount-outside', 'mount-outside', [
    [union, 'cd "$0"'],
    ['flags=(', `${union.replace('"$0" && cd "$0"', '"$container/root"')}\nflags=(`],
  ]),
  script('the names of an archive are believed', 'strangers', 'escaped', [
    ['tar -xpf "$tar"', 'tar -xPpf "$tar"'],
  ]),
  script('what tar refuses is left out', 'strangers', 'hostile-accepted', [
    ['rm -rf "$new" && return 1', ':'],
  ]),
];

/** The script with these changes. */
function script(
  mistake: string,
  checkpoint: string,
  diagnosis: string,
  changes: readonly TextChange[],
): WrongAnswer {
  const make = () => changedScript(`${chapter}/wrong-answers/union.sh`, changes);
  return { mistake, checkpoint, diagnosis, make };
}

/** This chapter with one hole as the exercise has it, or with this code in it. */
function hole(
  name: string,
  mistake: string,
  checkpoint: string,
  diagnosis: string,
  code?: readonly string[],
): WrongAnswer {
  return {
    mistake,
    diagnosis,
    checkpoint,
    make: () =>
      changedHoles(chapter, { [name]: code?.join('\n') ?? 'instead' }, diagnosis),
  };
}
