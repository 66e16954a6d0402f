// Wrong answers to chapter 05: the mistakes that nearly everybody makes once, as
// programs.
//
// - `wrongAnswers`: the mistake, the checkpoint that has to see it, its diagnosis
//
// Two kinds: this chapter with other code in one of its holes, and the same command
// line made of unshare(1), mount(8) and flock(1), with a line changed. They are the
// tests of the tests: a checkpoint that no wrong answer fails is worth nothing.

import {
  changedHoles,
  changedScript,
  type TextChange,
  type WrongAnswer,
} from '@slipway/lab/checkpoint.ts';

const chapter = import.meta.dirname;

const noLinks =
  '    [ ! -L "$place" ] || die "$target leads through a link, ${place#.}"\n';
const makePrivate = '  mount --make-rprivate "$place"\n';
const bind = '  mount --rbind "$source" "$place"\n';
const freeze = '[ -z "$read_only" ] || mount -o remount,bind,ro .\n';

export const wrongAnswers: readonly WrongAnswer[] = [
  script('the files are copied in', 'bound', 'copied', [
    [bind, '  cp -a "$source/." "$place"; continue\n'],
  ]),
  script('the mount is made on the host first', 'bound', 'on-host', [
    [
      'export plan volumes\n',
      'export plan volumes; mkdir -p "$root/test"; mount --bind "$(cut -f3 <<< ' +
        '"$plan")" "$root/test"\n',
    ],
  ]),
  script('every mount point is a folder', 'one-file', 'no-file', [
    ['if [ -d "$source" ] || [ "$kind" = tmpfs ]; then', 'if true; then'],
  ]),
  script('ro in the same call as bind', 'read-only-volume', 'ro-ignored', [
    ['while read -r one; do mount -o remount,bind,ro "$one"; done', 'true'],
  ]),
  script('only the top is made read-only', 'read-only-volume', 'ro-not-below', [
    [' || index(\\$5, at \\"/\\") == 1', ''],
  ]),
  script('every volume is read-only', 'read-only-volume', 'ro-too-much', [
    ['case ,$options, in *,ro,*)', 'case ,$options, in *)'],
  ]),
  script(
    'the root is frozen before the volumes are mounted',
    'frozen-root',
    'frozen-first',
    [
      [freeze, ''],
      ['while IFS=$(printf "\\t")', `${freeze}while IFS=$(printf "\\t")`],
    ],
  ),
  script('--read-only is forgotten', 'frozen-root', 'not-frozen', [[freeze, '']]),
  script('the volume stays a peer of the host', 'private', 'leaks-out', [
    ['--propagation private', '--propagation unchanged'],
    [makePrivate, ''],
    [
      'mount --bind . . && cd "$0"\n',
      'mount --bind . . && cd "$0" && mount --make-private .\n',
    ],
    [
      'pivot_root . .\n',
      'mount --make-private "$(stat -c %m "$0/..")"; pivot_root . .\n',
    ],
  ]),
  script('an empty volume hides what the image has', 'copy-up', 'not-filled', [
    ['cp -a "$inside/." "$data"', 'true'],
  ]),
  script('the copy belongs to whoever copies', 'copy-up', 'other-owner', [
    ['cp -a "$inside/." "$data"', '(umask 077; cp -r "$inside/." "$data")'],
  ]),
  script('the image is moved into the volume', 'copy-up', 'image-changed', [
    ['cp -a "$inside/." "$data"', 'cp -a "$inside/." "$data"; rm -rf "$inside"/*'],
  ]),
  script('nobody claims a volume', 'in-use', 'removed-in-use', [
    ['flock -s "$lock" || die "volume $1 is going"', 'true'],
  ]),
  script('the users of a volume are a file', 'in-use', 'stale-claim', [
    ['flock -s "$lock" || die "volume $1 is going"', 'touch "$volumes/$1/used"'],
    ['flock -n 8 || die', '[ ! -e "$volumes/$1/used" ] || die'],
  ]),
  script('--volumes-from is read and forgotten', 'volumes-from', 'not-inherited', [
    ['--volumes-from) inherit "$2" && shift', '--volumes-from) shift'],
  ]),
  script('a named volume is another one for each', 'volumes-from', 'other-volume', [
    [
      'export plan volumes\n',
      'export plan volumes; cp -a "$volumes" "$volumes-$$"; volumes=$volumes-$$\n',
    ],
  ]),
  script('size and mode are forgotten', 'memory', 'other-size', [
    ['nosuid,nodev,noexec,$options', 'nosuid,nodev,noexec'],
  ]),
  script('memory without the usual flags', 'memory', 'open-tmpfs', [
    ['nosuid,nodev,noexec,$options', '$options'],
  ]),
  script('a folder instead of memory', 'memory', 'no-tmpfs', [
    ['    mount -t tmpfs -o "nosuid,nodev,noexec,$options" tmpfs "$place"\n', ''],
  ]),
  script('links in the root are followed', 'hostile-target', 'followed-link', [
    [noLinks, ''],
  ]),
  script('a typo in a source becomes a folder', 'bad-input', 'accepted', [
    ['[ -e "$source" ] || die "there is no $source"', 'mkdir -p "$source"'],
  ]),
  script('the refusal says nothing', 'bad-input', 'unnamed', [
    ['die() { echo "bind.sh: $*" >&2 && exit 125; }', 'die() { exit 125; }'],
  ]),
  hole('before-pivot', 'the volumes are never attached', 'bound', 'not-mounted'),
  hole('read-only', ':ro is read and forgotten', 'read-only-volume', 'ro-ignored'),
  hole('nested', 'the order of the command line is taken', 'nested', 'inner-hidden'),
  hole('only-when-empty', 'every start fills the volume', 'copy-up', 'filled-again'),
  hole('in-use', 'what is used can be removed', 'in-use', 'removed-in-use'),
  hole('targets', 'every text is a target', 'bad-input', 'accepted'),
];

/** bind.sh with some of its text replaced. */
function script(
  mistake: string,
  checkpoint: string,
  diagnosis: string,
  changes: readonly TextChange[],
): WrongAnswer {
  return {
    mistake,
    diagnosis,
    checkpoint,
    make: () => changedScript(`${chapter}/wrong-answers/bind.sh`, changes),
  };
}

/** This chapter with one of its holes as the exercise has it. */
function hole(
  name: string,
  mistake: string,
  checkpoint: string,
  diagnosis: string,
): WrongAnswer {
  return {
    mistake,
    diagnosis,
    checkpoint,
    make: () => changedHoles(chapter, { [name]: 'instead' }, name),
  };
}
