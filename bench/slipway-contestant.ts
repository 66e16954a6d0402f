/**
 * Slipway as a contestant: one Node process that starts containers by `spawn`.
 *
 *   slipway-contestant.ts '{"memoryBytes":0,"namespaces":["pid"],"program":[…]}'
 *
 * For each line on standard input one container is started and waited for; see contestant.ts.
 */
import { createInterface } from 'node:readline';
import { spawn, type Namespace, type Step } from '@slipway/native';

/** What a container of the bench is made of. */
export interface Subject {
  /** So much memory is held, and touched, by the process that starts the containers. */
  readonly memoryBytes: number;
  readonly namespaces: readonly Namespace[];
  readonly program: readonly Step[];
}

const subject: Subject = JSON.parse(process.argv[2] ?? '{}');
const held = holdMemory(subject.memoryBytes);
for await (const _ of createInterface({ input: process.stdin })) {
  const began = process.hrtime.bigint();
  const child = await spawn({ namespaces: subject.namespaces, program: subject.program });
  const status = await child.wait();
  const took = process.hrtime.bigint() - began;
  await child[Symbol.asyncDispose]();
  if (!('code' in status) || status.code !== 0) {
    throw new Error(`the application ended with ${JSON.stringify(status)}`);
  }
  process.stdout.write(`${took}\n`);
}
held.length = 0;

/** In pieces: one buffer of a gigabyte is more than some machines allow. */
function holdMemory(bytes: number): Buffer[] {
  const piece = 64 * 1024 * 1024;
  return Array.from({ length: Math.ceil(bytes / piece) }, () => Buffer.alloc(piece, 1));
}
