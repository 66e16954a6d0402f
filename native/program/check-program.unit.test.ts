/** Each rule about order and place, with a program that breaks it and one that does not. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkProgram, ProgramError, type CheckedRequest } from './check-program.ts';
import { namespaceKinds, step, type Namespace, type Step } from './program.ts';

const exec = step.exec(['/bin/true'], []);
const privately = step.setPropagation('private');

/** The complaints about `steps` with an exec behind them. */
function complaints(
  steps: readonly Step[],
  request: Omit<CheckedRequest, 'program'> = {},
): readonly string[] {
  return checkProgram({ ...request, program: [...steps, exec] });
}

test('a program ends in exec, and nothing stands behind it', () => {
  expect(checkProgram({ program: [] })).toMatchInlineSnapshot(`
    [
      "the last step must be exec: without it the container has no application",
    ]
  `);
  expect(checkProgram({ program: [exec, exec] })).toMatchInlineSnapshot(`
    [
      "step 0 (exec): the steps after it can never run",
    ]
  `);
  expect(checkProgram({ program: [step.exec([], [])] })).toMatchInlineSnapshot(`
    [
      "step 0 (exec): it names no program",
    ]
  `);
  expect(checkProgram({ program: [exec] })).toStrictEqual([]);
});

test('a step that the grammar does not have is named', () => {
  const unknown = { call: 'reboot' } as unknown as Step;
  expect(complaints([unknown])).toEqual(['step 0 (reboot): there is no such step']);
});

test('a host name needs a UTS namespace, or the host would be renamed', () => {
  const steps = [step.setHostname('box'), step.setDomainname('yard')];
  expect(complaints(steps)).toMatchInlineSnapshot(`
    [
      "step 0 (setHostname): without a uts namespace this would rename the host: add uts",
      "step 1 (setDomainname): without a uts namespace this would rename the host: add uts",
    ]
  `);
  expect(complaints(steps, { namespaces: ['uts'] })).toStrictEqual([]);
  expect(complaints([step.unshare(['uts']), ...steps])).toStrictEqual([]);
});

test('a mount needs a mount namespace, and that one to be private', () => {
  const mounts = [step.mountProc(), step.mount('tmpfs', '/mnt', 'tmpfs')];
  expect(complaints(mounts)).toMatchInlineSnapshot(`
    [
      "step 0 (mountProc): without a mount namespace this would mount on the host: add mount",
      "step 1 (mount): without a mount namespace this would mount on the host: add mount",
    ]
  `);
  expect(complaints(mounts, { namespaces: ['mount'] })).toMatchInlineSnapshot(`
    [
      "step 0 (mountProc): /proc would be mounted on the host as well: a new mount namespace shares its mounts, make '/' private first",
      "step 1 (mount): /mnt would be mounted on the host as well: a new mount namespace shares its mounts, make '/' private first",
    ]
  `);
  expect(complaints([privately, ...mounts], { namespaces: ['mount'] })).toStrictEqual([]);
  const slave = step.setPropagation('slave');
  expect(complaints([slave, ...mounts], { namespaces: ['mount'] })).toStrictEqual([]);
});

test('neither a part of the tree nor a shared one cuts the mounts off from the host', () => {
  const proc = step.mountProc();
  for (const half of [
    step.setPropagation('private', '/mnt'),
    step.setPropagation('private', '/', false),
    step.setPropagation('shared'),
  ]) {
    expect(complaints([half, proc], { namespaces: ['mount'] })).toHaveLength(1);
  }
});

test('propagation is changed in a mount namespace of its own only', () => {
  expect(complaints([privately])).toMatchInlineSnapshot(`
    [
      "step 0 (setPropagation): without a mount namespace this would change the host: add mount",
    ]
  `);
});

test('who joins a mount namespace mounts by its rules', () => {
  const joined = [step.setns(0, ['mount']), step.mountProc()];
  expect(complaints(joined, { descriptorCount: 1 })).toStrictEqual([]);
});

test('a step names only descriptors that are handed over', () => {
  const steps = [step.setns(2, ['net'])];
  expect(complaints(steps, { descriptorCount: 2 })).toMatchInlineSnapshot(`
    [
      "step 0 (setns): descriptor 2 is not handed over: 2 are",
    ]
  `);
  expect(complaints(steps, { descriptorCount: 3 })).toStrictEqual([]);
});

test('a pid namespace that is unshared or joined waits for a fork', () => {
  expect(complaints([step.unshare(['pid'])])).toMatchInlineSnapshot(`
    [
      "a new pid namespace takes in only children: add a fork after the unshare or setns",
    ]
  `);
  expect(complaints([step.setns(0, ['pid'])], { descriptorCount: 1 })).toHaveLength(1);
  expect(complaints([step.unshare(['pid']), step.fork()])).toStrictEqual([]);
});

test('the first process of a pid namespace cannot fork: the kernel wants it to stay', () => {
  expect(complaints([step.fork()], { namespaces: ['pid'] })).toMatchInlineSnapshot(`
    [
      "step 0 (fork): the first process of a pid namespace cannot hand over to a child: leave pid to this fork, or unshare it right before",
    ]
  `);
  expect(complaints([step.unshare(['pid']), step.fork(), step.fork()])).toHaveLength(1);
  expect(complaints([step.fork(['pid']), step.fork()])).toHaveLength(1);
  const joined = [step.setns(0, ['pid']), step.fork(), step.fork()];
  expect(complaints(joined, { descriptorCount: 1 })).toStrictEqual([]);
});

test('clocks are set between the unshare and the first process inside', () => {
  const clocks = step.setTimeOffsets({ monotonicSeconds: 1, boottimeSeconds: 1 });
  const time = step.unshare(['time']);
  expect(complaints([clocks])).toMatchInlineSnapshot(`
    [
      "step 0 (setTimeOffsets): there is no time namespace to set: unshare it first, and fork only afterwards",
    ]
  `);
  expect(complaints([time, step.fork(), clocks])).toHaveLength(1);
  expect(complaints([time, clocks, step.fork()])).toStrictEqual([]);
});

test('a process starts one session; its child may start the next', () => {
  const session = step.newSession();
  expect(complaints([session, step.openTerminal(24, 80)])).toMatchInlineSnapshot(`
    [
      "step 1 (openTerminal): the process leads a session already, and setsid would be refused",
    ]
  `);
  expect(complaints([session, step.fork(), session])).toStrictEqual([]);
});

test("a barrier's name is short: it travels in a report", () => {
  expect(complaints([step.barrier('x'.repeat(256))])).toMatchInlineSnapshot(`
    [
      "step 0 (barrier): its name has 256 characters, more than 255",
    ]
  `);
  expect(complaints([step.barrier('x'.repeat(255))])).toStrictEqual([]);
});

test('a root is attached before anything is made in it or it is pivoted to', () => {
  const attach = [privately, step.attach(0, '/')];
  const made = [step.makeDevice('/dev/null', 1, 3), step.makeLink('/a', '/b')];
  const request = { namespaces: ['mount'] as const, descriptorCount: 1 };
  expect(complaints([...made, step.pivotRoot()], request)).toMatchInlineSnapshot(`
    [
      "step 0 (makeDevice): /dev/null would be made in the host's root: attach a root first",
      "step 1 (makeLink): /a would be made in the host's root: attach a root first",
      "step 2 (pivotRoot): there is no root to pivot into: attach one to '/' first",
    ]
  `);
  expect(complaints([...attach, ...made, step.pivotRoot()], request)).toStrictEqual([]);
  expect(complaints([step.attach(0, '/')], request)).toMatchInlineSnapshot(`
    [
      "step 0 (attach): it would be seen on the host: add a mount namespace and make '/' private first",
    ]
  `);
});

test('masks and protections stay off the host', () => {
  const steps = [
    step.maskPaths(['/proc/kcore']),
    step.protectPaths(['/proc/sys']),
    step.makeRootReadOnly(),
  ];
  expect(complaints(steps, { namespaces: ['mount'] })).toMatchInlineSnapshot(`
    [
      "step 0 (maskPaths): it would change the host's own files: add a mount namespace and make '/' private first",
      "step 1 (protectPaths): it would change the host's own files: add a mount namespace and make '/' private first",
      "step 2 (makeRootReadOnly): it would change the host's own files: add a mount namespace and make '/' private first",
    ]
  `);
  expect(complaints([privately, ...steps], { namespaces: ['mount'] })).toStrictEqual([]);
});

test('only PID 1 stays to reap', () => {
  expect(complaints([step.stayAsInit()])).toMatchInlineSnapshot(`
    [
      "step 0 (stayAsInit): only PID 1 reaps orphans: add pid",
    ]
  `);
  expect(complaints([step.stayAsInit()], { namespaces: ['pid'] })).toStrictEqual([]);
});

test('a filter comes before the rights to install it are given up', () => {
  const none = { bounding: [], effective: [], permitted: [], inheritable: [], ambient: [] };
  const [give, filter] = [step.setCapabilities(none), step.installSeccomp(0)];
  const handed = { descriptorCount: 1 };
  expect(complaints([give, filter], handed)).toMatchInlineSnapshot(`
    [
      "step 1 (installSeccomp): without noNewPrivileges a filter takes the rights that setCapabilities gave up: put it before",
    ]
  `);
  expect(complaints([filter, give], handed)).toStrictEqual([]);
  expect(complaints([give, step.noNewPrivileges(), filter], handed)).toStrictEqual([]);
  expect(complaints([filter])).toMatchInlineSnapshot(`
    [
      "step 0 (installSeccomp): descriptor 0 is not handed over: 0 are",
    ]
  `);
});

test('a setting is a name below /proc/sys, in a proc of its own', () => {
  const own = { namespaces: ['mount', 'pid'] as const };
  const mounted = [privately, step.mountProc()];
  expect(complaints([step.setSysctl('kernel/x', '1')], own)).toMatchInlineSnapshot(`
    [
      "step 0 (setSysctl): kernel/x would be the host's: mountProc comes first",
    ]
  `);
  for (const name of ['../x', '/kernel/x', 'kernel/../../x', 'a b', '']) {
    const problems = complaints([...mounted, step.setSysctl(name, '1')], own);
    expect(problems).toEqual([expect.stringContaining('is no name below /proc/sys')]);
  }
  expect(complaints([...mounted, step.setSysctl('net/ipv4/x.y', '1')], own)).toStrictEqual([]);
});

test('a ProgramError says everything that is wrong, in one line', () => {
  const error = new ProgramError(checkProgram({ program: [step.setHostname('x')] }));
  expect(error.message).toMatchInlineSnapshot(
    `"the program is not run: the last step must be exec: without it the container has no application; step 0 (setHostname): without a uts namespace this would rename the host: add uts"`,
  );
});

const kinds = fc.subarray<Namespace>([...namespaceKinds]);
const text = fc.string({ maxLength: 300 });
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  text.map(step.barrier),
  kinds.map(step.unshare),
  fc.tuple(fc.nat(5), kinds).map(([descriptor, chosen]) => step.setns(descriptor, chosen)),
  kinds.map(chosen => step.fork(chosen)),
  text.map(step.setHostname),
  text.map(target => step.setPropagation('slave', target)),
  text.map(target => step.mountProc(target)),
  text.map(target => step.attach(0, target)),
  fc.constantFrom(step.pivotRoot(), step.stayAsInit(), step.newSession(), step.openTerminal(1, 1)),
  fc.tuple(fc.array(text), fc.array(text)).map(([argv, env]) => step.exec(argv, env)),
);

test('whatever the program, checking it answers in whole sentences and does not throw', () => {
  fc.assert(
    fc.property(fc.array(anyStep), kinds, fc.nat(3), (program, namespaces, descriptorCount) => {
      const problems = checkProgram({ program, namespaces, descriptorCount });
      expect(problems.every(problem => /^\S.*[^.]$/s.test(problem))).toBe(true);
    }),
  );
});

test('whatever the program, it is the same after its way through JSON', () => {
  fc.assert(
    fc.property(fc.array(anyStep), program => {
      expect(JSON.parse(JSON.stringify(program))).toStrictEqual(program);
    }),
  );
});
