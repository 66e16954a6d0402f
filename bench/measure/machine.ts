/**
 * The machine that the figures come from, in one line.
 *
 * - describeMachine()  processor, cores, memory, kernel, Node
 */
import { cpus, release, totalmem } from 'node:os';

export function describeMachine(): string {
  const processors = cpus();
  const model = processors[0]?.model.trim() ?? process.arch;
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  return (
    `${processors.length} × ${model}, ${gibibytes} GiB, ` +
    `Linux ${release()}, Node ${process.versions.node}`
  );
}
