// Wrong answers to chapter 02: mistakes that nearly everybody makes once, as programs.
//
// - `wrongAnswers`: the mistake, the checkpoint that has to see it, its diagnosis
//
// Two kinds: this chapter with other code in one of its holes, and the same command
// line made of mkdir and echo (groups.sh), with one line changed. A checkpoint that no
// wrong answer fails is worth nothing.

import type { Requirement } from '@slipway/lab';
import {
  changedHoles,
  changedScript,
  type WrongAnswer,
} from '@slipway/lab/checkpoint.ts';

const chapter = import.meta.dirname;

/** Some mistakes can be made in one of the two worlds only. */
export interface WrongGroup extends WrongAnswer {
  readonly needs: readonly Requirement[];
}

const tenth = 'return { cpuQuotaUs: Math.round(cpus * 1_000_000) };';
const lateMount = 'void init;\nreturn [];';

export const wrongAnswers: readonly WrongGroup[] = [
  script('the pid of the shell is written, and not that of the application', {
    diagnosis: 'not-in-a-group',
    checkpoint: 'born-inside',
    change: ['echo $$ > "$folder/cgroup.procs" ||', 'true ||'],
  }),
  script('the application starts, and is moved a moment later', {
    diagnosis: 'entered-late',
    checkpoint: 'born-inside',
    change: [
      'echo $$ > "$folder/cgroup.procs" || exit 125; done; exec',
      'setpriv --pdeathsig KILL bash -c "read -t ${SLIPWAY_SLOW:-0.7} <> <(:); ' +
        'echo $$ > $folder/cgroup.procs" & done; exec',
    ],
  }),
  script('the pid is written in one hierarchy, and the limit is in another', {
    diagnosis: 'other-hierarchy',
    checkpoint: 'born-inside',
    change: ['for folder in $0; do echo', 'for folder in ${0%% *}; do echo'],
    needs: ['cgroup-v1:memory'],
  }),
  script('the pid is written into tasks, which version 2 has not', {
    diagnosis: 'not-in-a-group',
    checkpoint: 'born-inside',
    change: ['echo $$ > "$folder/cgroup.procs" ||', 'echo $$ > "$folder/tasks" ||'],
    and: ['|| exit 125; done', '|| true; done'],
    needs: ['cgroup-v2:memory'],
  }),
  script('the limits are written when the application runs already', {
    diagnosis: 'limited-late',
    checkpoint: 'born-inside',
    change: ['\nlimits\n', '\n(sleep ${SLIPWAY_SLOW:-0.8}; limits) & late=$!\n'],
    and: ['\nclean\nexit', '\nwait $late\nclean\nexit'],
  }),
  script('a mebibyte of a thousand times a thousand bytes', {
    diagnosis: 'other-memory-limit',
    checkpoint: 'born-inside',
    change: ['BASH_REMATCH[1] << 20', 'BASH_REMATCH[1] * 999424'],
  }),
  script('the quota is written, and the period is something else', {
    diagnosis: 'quota-and-period',
    checkpoint: 'processor-time',
    change: ['put cpu cpu.cfs_period_us 100000 cpu.max "$quota 100000"', 'true'],
    and: ['int(c * 100000)', 'int(c * 50000)'],
  }),
  script('memory is limited, and swap is not', {
    diagnosis: 'swap-unlimited',
    checkpoint: 'memory',
    change: ['memory.memsw.limit_in_bytes $((2 * memory)) memory.swap.max $memory', ''],
    and: ['|| put memory \n', '\n'],
  }),
  script('the group is removed before anybody asks it what happened', {
    diagnosis: 'oom-silent',
    checkpoint: 'memory',
    change: ["grep -q '^oom_kill [1-9]'", 'clean; grep -qs "^oom_kill [1-9]"'],
  }),
  script('only the first process is in the group of pids', {
    diagnosis: 'other-pids-limit',
    checkpoint: 'processes',
    change: ['put pids pids.max $pids pids.max', 'true'],
  }),
  script('the memory nodes of the cpuset stay empty', {
    diagnosis: 'cpuset-not-filled',
    checkpoint: 'processors',
    change: ['for file in cpuset.cpus cpuset.mems', 'for file in cpuset.cpus'],
    needs: ['cgroup-v1:cpuset'],
  }),
  script('the processors are never asked for', {
    diagnosis: 'other-processors',
    checkpoint: 'processors',
    change: ['put cpuset cpuset.cpus $cpus cpuset.cpus', 'true'],
  }),
  script('a failed write is no failure', {
    diagnosis: 'wrong-value-accepted',
    checkpoint: 'refused',
    change: ['|| die "$file does not take $value"', '|| true'],
  }),
  script('a refusal leaves what was made before it', {
    diagnosis: 'refused-and-left',
    checkpoint: 'refused',
    change: ['>&2; clean; exit', '>&2; exit'],
  }),
  script('the group is left behind', {
    diagnosis: 'group-left',
    checkpoint: 'gone-afterwards',
    change: ['\nclean\nexit', '\nexit'],
  }),
  script('pause is called, and nothing is frozen', {
    diagnosis: 'not-frozen',
    checkpoint: 'held',
    change: ['put freezer freezer.state FROZEN cgroup.freeze 1', 'true'],
  }),
  script('resume kills what is frozen', {
    diagnosis: 'not-thawed',
    checkpoint: 'held',
    change: ['resume) thaw', 'resume) kill -KILL "$target"'],
    needs: ['cgroup-v1:freezer'],
  }),
  script('whoever is frozen is sent a signal, and nobody thaws the group', {
    diagnosis: 'frozen-for-good',
    checkpoint: 'ended-while-held',
    change: ['kill -TERM $child; thaw', 'kill -TERM $child'],
    // In version 2 a signal that kills does not wait for thawing.
    needs: ['cgroup-v1:freezer'],
  }),
  script('a paused container is killed, frozen as it is', {
    diagnosis: 'frozen-for-good',
    checkpoint: 'ended-while-held',
    change: ['kill -TERM $child; thaw', 'kill -KILL $child'],
    needs: ['cgroup-v1:freezer'],
  }),
  script('update writes the old limit', {
    diagnosis: 'not-updated',
    checkpoint: 'changed',
    change: ['update) limits', 'update) memory= ; limits'],
  }),
  script('who enters joins the namespaces alone', {
    diagnosis: 'entered-without-limits',
    checkpoint: 'entered',
    change: ['do echo $$ > "$folder/cgroup.procs"; done', 'do :; done'],
  }),
  script('a shell stays in front of the application', {
    diagnosis: 'not-first',
    checkpoint: 'alone',
    change: ['first=\'exec "$@"\'', 'first=\'"$@"; exit $?\''],
  }),
  script('the first process does not pass signals on', {
    diagnosis: 'signal-swallowed',
    checkpoint: 'signals',
    change: ['trap "kill -TERM $child" TERM', 'trap : TERM'],
  }),
  holes({ 'born-inside': 'instead' }, 'the group is made, and nobody is in it', {
    diagnosis: 'not-in-a-group',
    checkpoint: 'born-inside',
  }),
  holes({ quota: 'instead' }, 'there is no quota', {
    diagnosis: 'no-quota',
    checkpoint: 'processor-time',
  }),
  holes({ quota: tenth }, 'the quota is a part of a second', {
    diagnosis: 'quota-and-period',
    checkpoint: 'processor-time',
  }),
  holes({ 'default-swap': 'instead' }, 'swap is forgotten', {
    diagnosis: 'swap-unlimited',
    checkpoint: 'memory',
  }),
  holes({ 'tell-oom': 'instead' }, 'nobody says why', {
    diagnosis: 'oom-silent',
    checkpoint: 'memory',
  }),
  holes({ 'fill-cpuset': 'instead' }, 'the cpuset is not filled', {
    diagnosis: 'cpuset-not-filled',
    checkpoint: 'processors',
    needs: ['cgroup-v1:cpuset'],
  }),
  holes({ 'end-all': 'instead' }, 'the group is removed with somebody in it', {
    diagnosis: 'group-left',
    checkpoint: 'gone-afterwards',
  }),
  holes({ pause: 'instead' }, 'the processes are stopped by a signal', {
    diagnosis: 'stopped-by-signal',
    checkpoint: 'held',
  }),
  holes({ 'thaw-to-end': 'instead' }, 'the signal waits in the ice', {
    diagnosis: 'frozen-for-good',
    checkpoint: 'ended-while-held',
    needs: ['cgroup-v1:freezer'],
  }),
  holes({ 'join-groups': 'instead' }, 'the second process is outside', {
    diagnosis: 'entered-without-limits',
    checkpoint: 'entered',
  }),
  holes({ 'stay-as-init': lateMount }, 'there is no PID 1 in front', {
    diagnosis: 'no-init',
    checkpoint: 'signals',
  }),
  holes({ quota: 'instead' }, 'the processors of the host are shown', {
    diagnosis: 'host-shown',
    checkpoint: 'proc-view',
  }),
  holes(
    { 'stay-as-init': 'instead' },
    'the application is PID 1, and waits for nobody',
    {
      diagnosis: 'zombie-left',
      checkpoint: 'zombies',
    },
  ),
];

interface Mistake {
  readonly diagnosis: string;
  readonly checkpoint: string;
  readonly needs?: readonly Requirement[];
}

interface Change extends Mistake {
  /** What stands in groups.sh, and what stands there instead. */
  readonly change: readonly [string, string];
  readonly and?: readonly [string, string];
}

/** groups.sh with a line or two changed. */
function script(mistake: string, { change, and, ...rest }: Change): WrongGroup {
  return {
    mistake,
    needs: [],
    ...rest,
    make: () =>
      changedScript(
        `${chapter}/wrong-answers/groups.sh`,
        and ? [change, and] : [change],
      ),
  };
}

/** This chapter with other code in some of its holes. */
function holes(
  codes: Readonly<Record<string, string>>,
  mistake: string,
  rest: Mistake,
): WrongGroup {
  return {
    mistake,
    needs: [],
    ...rest,
    make: () => changedHoles(chapter, codes, Object.keys(codes).join('-')),
  };
}
