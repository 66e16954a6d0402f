// Wrong answers to chapter 03: the mistakes that nearly everybody makes once, as
// programs.
//
// - `wrongAnswers`: the mistake, the checkpoint that has to see it, its diagnosis
//
// Two kinds: this chapter with other code in one of its holes, and the same command
// line made of unshare(1), mount(8) and pivot_root(8), with a line changed. They are
// the tests of the tests: a checkpoint that no wrong answer fails is worth nothing.

import {
  changedHoles,
  changedScript,
  type TextChange,
  type WrongAnswer,
} from '@slipway/lab/checkpoint.ts';

const chapter = import.meta.dirname;

const pivot = [
  'pivot_root . .',
  '(exec -a busybox /proc/self/fd/9 umount -l .)',
  'exec 9<&-',
  'cd / && hash -r',
  'exec "$@"',
].join('\n');

const refusal =
  '  [ ! -L "$name" ] || { echo "pivot.sh: /$name in the root is a link" >&2; exit ' +
  '125; }';

/** In the folder of the root itself, as one does who knows no tmpfs. */
const plainDev: readonly TextChange[] = [
  [refusal, ''],
  ['mount -t tmpfs -o nosuid,mode=755 tmpfs dev\n', ''],
];

export const wrongAnswers: readonly WrongAnswer[] = [
  script('chroot instead of pivot_root', 'no-way-back', 'chroot-escape', [
    [pivot, 'exec chroot . "$@"'],
  ]),
  script('the new root is not made a mount point', 'own-root', 'not-a-mount-point', [
    ['mount --bind . . && cd "$0"\n', ''],
  ]),
  script('the old root is not taken away', 'own-root', 'old-root-left', [
    ['(exec -a busybox /proc/self/fd/9 umount -l .)\n', ''],
  ]),
  script('a device of the machine is among the nodes', 'own-dev', 'host-dev', [
    ['tty:5:0;', 'tty:5:0 kmsg:1:11;'],
  ]),
  script('a node is forgotten', 'own-dev', 'no-device', [['urandom:1:9 ', '']]),
  script('shared memory has no place', 'own-dev', 'no-mount-in-dev', [
    ['mount -t tmpfs -o nosuid,nodev,noexec,mode=1777 shm dev/shm\n', ''],
  ]),
  script('/dev/fd is forgotten', 'own-dev', 'no-link', [
    ['ln -sf /proc/self/fd dev/fd && ', ''],
  ]),
  script('/proc of the host is bound in', 'kernel-hidden', 'host-proc', [
    ['mount -t proc proc proc', 'mount --bind /proc proc'],
  ]),
  script('/proc is forgotten', 'kernel-hidden', 'no-proc', [
    ['mount -t proc proc proc\n', ''],
    ['exec 9< /bin/busybox', 'mount -t proc proc tmp; exec 9< /bin/busybox'],
    ['/proc/self/fd/9', '/tmp/self/fd/9'],
    ['[ -e proc/$name ] || continue', 'continue'],
  ]),
  script('/proc/sys can be written', 'kernel-hidden', 'writable-kernel', [
    ['in bus fs irq sys sysrq-trigger', 'in bus fs irq sysrq-trigger'],
  ]),
  script(
    '--read-only freezes everything below as well',
    'read-only',
    'frozen-too-much',
    [
      [
        'mount -o remount,bind,ro .\n',
        'for one in . dev/shm; do mount -o remount,bind,ro $one; done\n',
      ],
    ],
  ),
  script('the root is always read-only', 'read-only', 'always-read-only', [
    ['[ -z "$read_only" ] || mount -o', 'mount -o'],
  ]),
  script('links in the root are followed', 'hostile-root', 'followed-link', plainDev),
  script('who enters leaves the mounts out', 'enter-root', 'entered-host-root', [
    ['--target "$target" --mount', '--target "$target"'],
  ]),
  script('the loader is not in the list', 'packed', 'loader-missing', [
    ["grep -o '/[^ ]*'", "grep -o '=> /[^ ]*' | cut -c4-"],
  ]),
  script('an archive is taken for a folder', 'archive', 'archive-unreadable', [
    ['if [ -f "$root" ]', 'if false'],
  ]),
  hole('enter-root', 'the root is attached and never entered', 'own-root', 'host-root'),
  hole('devices', '/dev stays empty', 'own-dev', 'no-device'),
  hole('hide-kernel', 'nothing is hidden', 'kernel-hidden', 'unmasked'),
  hole('read-only-root', '--read-only does nothing', 'read-only', 'root-writable'),
  hole('needs-of-needs', 'only direct needs are packed', 'packed', 'library-missing'),
  hole(
    'no-links',
    'links in an archive are followed',
    'hostile-archive',
    'followed-archive-link',
  ),
];

/** pivot.sh with some of its text replaced. */
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
    make: () => changedScript(`${chapter}/wrong-answers/pivot.sh`, changes),
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
    make: () => changedHoles(chapter, { [name]: 'instead' }, diagnosis),
  };
}
