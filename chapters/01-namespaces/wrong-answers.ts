// Wrong answers to chapter 01: the mistakes that nearly everybody makes once, as
// programs.
//
// - `wrongAnswers`: the mistake, the checkpoint that has to see it, its diagnosis
//
// Two kinds: this chapter with other code in one of its holes, and the same command
// line made of unshare(1) and nsenter(1), with one line changed. They are the tests of
// the tests: a checkpoint that no wrong answer fails is worth nothing.

import {
  changedHoles,
  changedScript,
  type WrongAnswer,
} from '@slipway/lab/checkpoint.ts';

const chapter = import.meta.dirname;

const noMaps = 'void maps;\nvoid formatMaps;\nvoid tell;';
const waits = "return [step.barrier('id-maps')];";
const keepsGroups = "return [step.barrier('id-maps'), step.setIds(0, 0)];";
const swapped = [
  'const turn = ({ inside, outside, count }: IdMap): IdMap => ({',
  '  inside: outside,',
  '  outside: inside,',
  '  count,',
  '});',
  "tell(pid, 'gid_map', formatMaps(maps.gids.map(turn)));",
  "tell(pid, 'uid_map', formatMaps(maps.uids.map(turn)));",
].join('\n');

export const wrongAnswers: readonly WrongAnswer[] = [
  script('the mounts are left shared with the host', 'mounts-leak', {
    checkpoint: 'mounts-stay-inside',
    change: ['--propagation private', '--propagation unchanged'],
  }),
  script('/proc is not mounted anew', 'old-proc', {
    checkpoint: 'own-proc',
    change: ['mount -t proc proc /proc && ', ''],
  }),
  script('nothing is forked after the new PID namespace', 'fork-forgotten', {
    checkpoint: 'pid-one',
    change: ['flags=(--fork --kill-child)', 'flags=()'],
  }),
  script('a shell stays in front of the application as PID 1', 'not-first', {
    checkpoint: 'pid-one',
    change: ['exec "$@"', '"$@"; exit $?'],
  }),
  script(
    'the program unshares itself and then starts the container',
    'unshared-parent',
    {
      checkpoint: 'parent-stays',
      change: ['\nsetpriv --pdeathsig KILL unshare', '\nexec unshare'],
    },
  ),
  script('the host name is set without a namespace for it', 'renamed-host', {
    checkpoint: 'hostname-stays-inside',
    change: ['--uts | --ipc', '--uts) ;; --ipc'],
  }),
  script('an option for one view takes another along', 'extra-kind', {
    checkpoint: 'only-what-was-asked',
    change: ['--uts | --ipc |', '--uts) flags+=(--uts --ipc) ;;\n    --ipc |'],
  }),
  script('entering a PID namespace without forking', 'enter-fork-forgotten', {
    checkpoint: 'enter',
    change: ['exec nsenter --target', 'exec nsenter --no-fork --target'],
  }),
  script('entering leaves out a kind', 'entered-partly', {
    checkpoint: 'enter',
    change: ['mnt:mount uts:uts', 'mnt:mount'],
  }),
  script('the container is left alone when its starter is killed', 'left-behind', {
    checkpoint: 'dies-with-parent',
    change: ['setpriv --pdeathsig KILL', ''],
  }),
  script('a missing program is reported as any failure', 'not-found-status', {
    checkpoint: 'exit-status',
    change: ['\nexit $?', '\nstatus=$?; [ $status != 127 ] || status=1; exit $status'],
  }),
  holes(
    { 'private-mounts': 'instead' },
    'a mount before / is private',
    'never-started',
    {
      checkpoint: 'mounts-stay-inside',
    },
  ),
  holes(
    { 'deny-setgroups': 'instead' },
    'setgroups is still allowed',
    'setgroups-first',
    {
      checkpoint: 'ordinary-user',
    },
  ),
  holes(
    { 'write-maps': noMaps, 'become-root': waits },
    'nobody writes the maps',
    'no-maps',
    {
      checkpoint: 'root-inside-only',
    },
  ),
  holes({ 'write-maps': noMaps }, 'an id that is not mapped', 'id-not-mapped', {
    checkpoint: 'root-inside-only',
  }),
  holes(
    { 'write-maps': swapped, 'become-root': waits },
    'inside and outside',
    'maps-swapped',
    {
      checkpoint: 'root-inside-only',
    },
  ),
  holes({ 'become-root': waits }, 'the process stays who it was', 'still-nobody', {
    checkpoint: 'root-inside-only',
  }),
  holes(
    { 'become-root': keepsGroups },
    'the groups of the host are kept',
    'kept-groups',
    {
      checkpoint: 'root-inside-only',
    },
  ),
  holes({ 'own-proc': 'instead' }, '/proc is the copied one', 'old-proc', {
    checkpoint: 'own-proc',
  }),
  holes({ 'join-what-differs': 'instead' }, 'nothing is joined', 'entered-nothing', {
    checkpoint: 'enter',
  }),
  holes({ 'signal-status': 'instead' }, 'a signal is a success', 'signal-lost', {
    checkpoint: 'exit-status',
  }),
];

interface Change {
  readonly checkpoint: string;
  /** What stands in unshare.sh, and what stands there instead. */
  readonly change: readonly [string, string];
}

/** unshare.sh with one line changed. */
function script(mistake: string, diagnosis: string, change: Change): WrongAnswer {
  return {
    mistake,
    diagnosis,
    checkpoint: change.checkpoint,
    make: () => changedScript(`${chapter}/wrong-answers/unshare.sh`, [change.change]),
  };
}

/** This chapter with other code in some of its holes. */
function holes(
  codes: Readonly<Record<string, string>>,
  mistake: string,
  diagnosis: string,
  { checkpoint }: { readonly checkpoint: string },
): WrongAnswer {
  return {
    mistake,
    diagnosis,
    checkpoint,
    make: () => changedHoles(chapter, codes, diagnosis),
  };
}
