/**
 * Slipway as a contestant: one Node process that starts containers by `spawn`.
 *
 *   slipway-contestant.ts '{"memoryBytes":0,"namespaces":["pid"],"program":[…]}'
 *
 * For each line on standard input one container is started and waited for; see contestant.ts.
 */
import { createInterface } from 'node:readline';
import { record, settle } from '@slipway/lab';
import { createGroup, linuxControlGroups, type Limits } from '@slipway/cgroups';
import { usualControllers } from '@slipway/cgroups/group/control-groups.ts';
import { seatsFor } from '@slipway/cgroups/group/seats.ts';
import { cloneTree, spawn, type Namespace, type Step } from '@slipway/native';

/** What a container of the bench is made of. */
export interface Subject {
  /** So much memory is held, and touched, by the process that starts the containers. */
  readonly memoryBytes: number;
  readonly namespaces: readonly Namespace[];
  readonly program: readonly Step[];
  /** A group with these limits, made before and removed after. */
  readonly limits?: Limits;
  /** The folder that descriptor 0 of the program is a mount of. */
  readonly rootfs?: string;
}

const subject: Subject = JSON.parse(process.argv[2] ?? '{}');
const { limits, rootfs, namespaces, program } = subject;
const machine = linuxControlGroups(true);
const name = `bench-${process.pid}`;
const entries = limits === undefined ? [] : writeDown();
const held = holdMemory(subject.memoryBytes);
for await (const _ of createInterface({ input: process.stdin })) {
  process.stdout.write(`${await oneContainer()}\n`);
}
held.length = 0;
if (limits !== undefined) await removeHome();

/** Nanoseconds until it has ended, and its groups have gone. */
async function oneContainer(): Promise<bigint> {
  const began = process.hrtime.bigint();
  const group = limits && (await createGroup(machine, { name, limits }));
  using root = rootfs === undefined ? undefined : cloneTree(rootfs, false);
  await using child = await spawn({
    namespaces,
    program,
    cgroups: group?.directories ?? [],
    descriptors: root ? [root.descriptor] : [],
  });
  const status = await child.wait();
  await group?.remove();
  const took = process.hrtime.bigint() - began;
  if ('code' in status && status.code === 0) return took;
  throw new Error(`the application ended with ${JSON.stringify(status)}`);
}

/** The groups have one name in all rounds: `npm run clean` knows them after a crash. */
function writeDown(): readonly string[] {
  const seats = seatsFor(machine, { name }, new Set(usualControllers));
  return seats.map(({ directory }) => record({ kind: 'cgroup', target: directory }));
}

/** The home of the groups was kept from round to round. */
async function removeHome(): Promise<void> {
  const last = await createGroup(linuxControlGroups(), { name });
  await last.remove();
  for (const entry of entries) settle(entry);
}

/** In pieces: one buffer of a gigabyte is more than some machines allow. */
function holdMemory(bytes: number): Buffer[] {
  const piece = 64 * 1024 * 1024;
  return Array.from({ length: Math.ceil(bytes / piece) }, () => Buffer.alloc(piece, 1));
}
