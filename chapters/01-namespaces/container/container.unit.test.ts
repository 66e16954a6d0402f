/** Options become programs: compared as values, nothing is run. */
import { checkProgram, explainProgram, recordingSpawn, step } from '@slipway/native';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { containerRequest, type ContainerOptions } from './container.ts';
import { terminalGroup } from './terminal-group.ts';
import { rootAs } from './id-map.ts';
import { kinds } from './namespaces.ts';

const application = { argv: ['sh'], env: ['PATH=/bin'] } as const;

function program(options: Partial<ContainerOptions>): readonly string[] {
  const request = containerRequest({ namespaces: [], ...application, ...options });
  return request.program.map(({ call }) => call);
}

test('a container without namespaces is a process in a session of its own', () => {
  expect(program({})).toEqual(['newSession', 'exec']);
});

test('mounts are private before the first of them, and /proc is new with new pids', () => {
  expect(program({ namespaces: ['mount', 'pid'] })).toEqual([
    'setPropagation',
    'mountProc',
    'newSession',
    'exec',
  ]);
  expect(program({ namespaces: ['mount'] })).not.toContain('mountProc');
  expect(program({ namespaces: ['pid'] })).toEqual(['newSession', 'exec']);
});

test('queues are mounted where there is a place for them', () => {
  const namespaces = ['ipc', 'mount'] as const;
  expect(program({ namespaces, queues: true })).toContain('mount');
  expect(program({ namespaces, queues: false })).not.toContain('mount');
});

test('a terminal is opened in a devpts of its own, and starts the session itself', () => {
  const terminal = { rows: 24, columns: 80 };
  const calls = program({ namespaces: ['mount', 'user'], terminal });
  expect(calls).toEqual(['setPropagation', 'mount', 'mount', 'openTerminal', 'exec']);
});

test('the group tty is named only where its number is known', () => {
  const everybody = '         0          0 4294967295\n';
  const onlyRoot = '0 1000 1\n';
  const several = '0 1000 1\n1 100000 65536\n';
  const named = [everybody, onlyRoot, several].map(map => terminalGroup([], map));
  expect(named).toEqual([',gid=5', '', ',gid=5']);
});

test('the group tty is not named inside a user namespace, where it does not exist', () => {
  const terminal = { rows: 24, columns: 80 };
  const data = (namespaces: ContainerOptions['namespaces']): string =>
    JSON.stringify(containerRequest({ namespaces, terminal, ...application }).program);
  expect(data(['mount'])).toContain('gid=5');
  expect(data(['mount', 'user'])).not.toContain('gid=5');
});

test('with a time namespace all but the user namespace wait for the fork', () => {
  const request = containerRequest({
    namespaces: kinds.map(({ kind }) => kind),
    clocks: { monotonicSeconds: 0, boottimeSeconds: 31_536_000 },
    idMaps: rootAs({ uid: 1000, gid: 1000 }),
    hostname: 'box',
    ...application,
  });
  expect(request.namespaces).toEqual(['user']);
  expect(explainProgram(request).map(({ code }) => code)).toMatchInlineSnapshot(`
    [
      "clone3(CLONE_NEWUSER|CLONE_VM|CLONE_VFORK|CLONE_PIDFD)",
      "execveat(slipway-init)",
      "read(channel)",
      "setresgid(0, …); setresuid(0, …)",
      "unshare(CLONE_NEWTIME)",
      "write("/proc/self/timens_offsets", "monotonic 0, boottime 31536000")",
      "clone3(CLONE_NEWIPC|CLONE_NEWNS|CLONE_NEWNET|CLONE_NEWPID|CLONE_NEWUTS|CLONE_PARENT)",
      "unshare(CLONE_NEWCGROUP)",
      "mount(NULL, "/", NULL, MS_PRIVATE|MS_REC, NULL)",
      "mount("proc", "/proc", "proc", MS_NOSUID|MS_NODEV|MS_NOEXEC, NULL)",
      "sethostname("box")",
      "setsid()",
      "execve("sh")",
    ]
  `);
});

test('further groups are given up where that is allowed', () => {
  const idsOf = (uid: number): unknown => {
    const idMaps = rootAs({ uid, gid: uid });
    const { program: steps } = containerRequest({
      namespaces: ['user'],
      idMaps,
      ...application,
    });
    return steps.find(({ call }) => call === 'setIds');
  };
  expect(idsOf(0)).toEqual(step.setIds(0, 0, []));
  expect(idsOf(1000)).toEqual(step.setIds(0, 0));
});

test('the maps are written while the child stands at the barrier', async () => {
  const recorder = recordingSpawn();
  const idMaps = rootAs({ uid: 0, gid: 0 });
  const request = containerRequest({ namespaces: ['user'], idMaps, ...application });
  // The recorded child has a pid that nobody has: the write finds no such process.
  await expect(recorder.spawn({ ...request })).rejects.toThrow('/proc/101/gid_map');
  expect(recorder.barriers).toEqual(['id-maps']);
});

test('whatever is asked for, the program breaks no rule of order', () => {
  const options = fc.record(
    {
      namespaces: fc.subarray(kinds.map(({ kind }) => kind)),
      queues: fc.boolean(),
      terminal: fc.constant({ rows: 24, columns: 80 }),
      hostname: fc.constant('box'),
      argv: fc.constant(['sh']),
      env: fc.constant([]),
    },
    { requiredKeys: ['namespaces', 'argv', 'env'] },
  );
  fc.assert(
    fc.property(options, one => {
      expect(checkProgram(containerRequest(one))).toEqual([]);
    }),
  );
});
