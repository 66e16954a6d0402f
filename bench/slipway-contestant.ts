/**
 * Slipway as a contestant: one Node process that starts containers by `spawn`.
 *
 *   slipway-contestant.ts '{"memoryBytes":0,"namespaces":["pid"],"program":[…]}'
 *
 * For each line on standard input one container is started and waited for; see contestant.ts.
 */
import { createInterface } from 'node:readline';
import type { Limits } from '@slipway/cgroups';
import { cloneTree, spawn, type Namespace, type Step } from '@slipway/native';
import { groupsOfRounds } from './measure/groups-of-rounds.ts';

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
await using groups = limits && groupsOfRounds(limits);
const held = holdMemory(subject.memoryBytes);
for await (const _ of createInterface({ input: process.stdin })) {
  process.stdout.write(`${await oneContainer()}\n`);
}
held.length = 0;

/** Nanoseconds until it has ended, and its groups have gone. */
async function oneContainer(): Promise<bigint> {
  const began = process.hrtime.bigint();
  const group = await groups?.make();
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

/** In pieces: one buffer of a gigabyte is more than some machines allow. */
function holdMemory(bytes: number): Buffer[] {
  const piece = 64 * 1024 * 1024;
  return Array.from({ length: Math.ceil(bytes / piece) }, () => Buffer.alloc(piece, 1));
}
