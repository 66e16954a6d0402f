// A birth by a keeper: the request as an order, with the descriptors that go along.
//
// - `birthOrder(request)`: the order, and the descriptors in the order of its places
//
// The folder of the log is opened here, once, and closed by disposing of what comes back.

import { combineFlags } from '../../program/explain.ts';
import { countOf } from '../../process/handshake.ts';
import { openPath } from '../../mounts.ts';
import { streamNumbers, type Stdio } from '../../process/stdio.ts';
import { sinkOrder } from '../attached.ts';
import type { KeptRequest, LogFile } from '../keeper.ts';
import { firstPlace, type BirthOrder, type LogOrder } from './messages.ts';

export interface PreparedBirth extends Disposable {
  readonly order: BirthOrder;
  readonly descriptors: readonly number[];
}

/** Descriptors that go along, each at its place. */
class Packet {
  readonly descriptors: number[] = [];

  add(descriptor: number): number {
    return firstPlace + this.descriptors.push(descriptor) - 1;
  }
}

/** @throws SyscallError if the folder of the log cannot be opened */
export function birthOrder(request: KeptRequest): PreparedBirth {
  const packet = new Packet();
  const opened = new DisposableStack();
  const stdio = streamNumbers(request.stdio ?? usualStdio(request));
  const order: BirthOrder = {
    order: 'birth',
    name: request.name,
    flags: combineFlags(request.namespaces ?? []),
    forks: countOf('fork', request.program),
    isMain: request.isMain ?? false,
    stdio: stdio.map(number => (number < 0 ? number : packet.add(number))),
    descriptors: (request.descriptors ?? []).map(descriptor => packet.add(descriptor)),
    cgroups: request.cgroups ?? [],
    log: request.log === undefined ? null : logOrder(request.log, packet, opened),
    sinks: (request.sinks ?? []).map(sink => sinkOrder(sink, packet.add(sink.descriptor))),
  };
  return {
    order,
    descriptors: packet.descriptors,
    [Symbol.dispose]: () => opened.dispose(),
  };
}

function usualStdio(request: KeptRequest): Stdio {
  const output = countOf('openTerminal', request.program) > 0 ? 'null' : 'pipe';
  return ['null', output, output];
}

function logOrder(log: LogFile, packet: Packet, opened: DisposableStack): LogOrder {
  return {
    folder: packet.add(opened.use(openPath(log.folder)).descriptor),
    file: log.file,
    maxBytes: log.maxBytes ?? 0,
    maxFiles: log.maxFiles ?? 1,
    attributes: log.attributes ?? '',
  };
}
