// Made from ../../network/with-network.ts by `npm run generate`. It leaves out one part: yours.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// A request with a network: the same program, and a place where it waits for us.
//
// - `Network`: what a container is connected to, in one of these modes
// - `withNetwork(request, network)`: the request that `spawn` runs
//
//   bridge     a namespace of its own; at the barrier we connect it
//   none       a namespace of its own; at the barrier we raise its `lo`
//   host       no namespace: the host's
//   container  another container's namespace, joined
//   prepared   a namespace that was made and connected before its birth, joined
//
// The child cannot reach the host's end of a cable, and we cannot be in its namespace;
// so it waits while we talk to the kernel from here. Source: setns(2), netlink(7).

import { step, type SpawnRequest, type Step } from '@slipway/native';

export type Network =
  | {
      readonly mode: 'bridge' | 'none';
      /** Called while the process stands in its new namespace and waits. */
      readonly connect: (pid: number) => void | Promise<void>;
    }
  | { readonly mode: 'host' }
  | {
      readonly mode: 'container';
      /** Of the process whose namespace it joins; the caller's to close. */
      readonly pidfd: number;
    }
  | {
      readonly mode: 'prepared';
      /** Of the namespace; the caller's to close. */
      readonly namespace: number;
    };

/** The name of the barrier. */
const barrier = 'network';

/**
 * `request` with this network.
 *
 * @throws Error if the request makes a network namespace of its own and shall be in
 *   another one
 */
export function withNetwork(request: SpawnRequest, network: Network): SpawnRequest {
  switch (network.mode) {
    case 'host':
      refuseOwn(request, network.mode);
      return request;
    case 'container':
      refuseOwn(request, network.mode);
      return joining(request, network.pidfd);
    case 'prepared':
      return joining(withoutOwn(request), network.namespace);
    case 'bridge':
    case 'none':
      return connected(request, network.connect);
  }
}

function refuseOwn(request: SpawnRequest, mode: string): void {
  if (!bornInto(request).includes('net')) return;
  throw new Error(`--network ${mode} is another's network: leave out --net and --all`);
}

function connected(
  request: SpawnRequest,
  connect: (pid: number) => void | Promise<void>,
): SpawnRequest {
  const { onBarrier } = request;
  const { before, after } = split(request.program);
  // YOUR PART barrier: The child needs a network namespace of its own, and a place in
  // its program at which it waits for us: when all its namespaces are there (`before`),
  // and before anything else (`after`).
  void [withOwnNamespace, onBarrier, before, after, barrier, connect];
  return request;
}

/** `net` beside its other namespaces: from birth, or made by a later fork. */
function withOwnNamespace(
  request: SpawnRequest,
  program: readonly Step[],
): SpawnRequest {
  if (bornInto(request).includes('net')) return { ...request, program };
  return { ...request, program, namespaces: [...(request.namespaces ?? []), 'net'] };
}

function withoutOwn({ namespaces = [], ...request }: SpawnRequest): SpawnRequest {
  return { ...request, namespaces: namespaces.filter(kind => kind !== 'net') };
}

/** @param descriptor a pidfd, or the namespace itself */
function joining(request: SpawnRequest, descriptor: number): SpawnRequest {
  const descriptors = request.descriptors ?? [];
  // Before anything else: in a new user namespace it would have no right to.
  const join = step.setns(descriptors.length, ['net']);
  return {
    ...request,
    descriptors: [...descriptors, descriptor],
    program: [join, ...request.program],
  };
}

/** What makes namespaces and ids, and what comes when all of that is there. */
const settling: ReadonlySet<Step['call']> = new Set([
  ...(['barrier', 'unshare', 'setns', 'setTimeOffsets', 'fork', 'setIds'] as const),
]);

function split(program: readonly Step[]): {
  readonly before: readonly Step[];
  readonly after: readonly Step[];
} {
  const found = program.findIndex(({ call }) => !settling.has(call));
  const at = found === -1 ? program.length : found;
  return { before: program.slice(0, at), after: program.slice(at) };
}

function bornInto({ namespaces = [], program }: SpawnRequest): readonly string[] {
  const forks = program.flatMap(one => (one.call === 'fork' ? one.namespaces : []));
  return [...namespaces, ...forks];
}
// As made: db9d745c
