// Made from ../../network/with-network.ts by `npm run generate`. It leaves out one part: yours.
// See how far you are, in the folder of the chapter: SUBJECT=exercise/run.ts npm test
//
// A request with a network: the same program, in the right namespace.
//
// - `Network`: what a container is connected to, in one of these modes
// - `withNetwork(request, network)`: the request that `spawn` runs
// - `hasUserNamespace(request)`: whether its network has to be born with it
//
//   host       no namespace: the host's
//   container  another container's namespace, joined
//   prepared   bridge and none: a namespace that stands and is connected, joined
//   born       the same beside a user namespace, to which the network has to belong
//
// What stands before the birth need not be waited for. Only a user namespace of the
// container's own is there no earlier than the container: its child waits at a barrier,
// before anything else, while we talk to the kernel from here.
// Source: setns(2), user_namespaces(7).

import { step, type Namespace, type SpawnRequest, type Step } from '@slipway/native';

export type Network =
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
    }
  | {
      readonly mode: 'born';
      /** Called while the process stands in its new namespace and waits. */
      readonly connect: (pid: number) => void | Promise<void>;
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
    case 'born':
      return waiting(withoutOwn(request), network.connect);
  }
}

export function hasUserNamespace(request: SpawnRequest): boolean {
  return bornInto(request).includes('user');
}

function refuseOwn(request: SpawnRequest, mode: string): void {
  if (!bornInto(request).includes('net')) return;
  throw new Error(`--network ${mode} is another's network: leave out --net and --all`);
}

/** @param descriptor a pidfd, or the namespace itself */
function joining(request: SpawnRequest, descriptor: number): SpawnRequest {
  const descriptors = request.descriptors ?? [];
  // YOUR PART join: The child makes no network namespace. It joins this one, as its
  // first step, which names the descriptor by its place among the request's
  // `descriptors`.
  void [descriptors, descriptor];
  return request;
}

function waiting(
  request: SpawnRequest,
  connect: (pid: number) => void | Promise<void>,
): SpawnRequest {
  const { namespaces = [], program, onBarrier } = request;
  return {
    ...request,
    namespaces: [...namespaces, 'net'],
    program: [step.barrier(barrier), ...program],
    onBarrier: async (name, child) => {
      if (name === barrier) await connect(child.pid);
      else await onBarrier?.(name, child);
    },
  };
}

/** Neither at its birth nor at a fork later on. */
function withoutOwn(request: SpawnRequest): SpawnRequest {
  const others = (kinds: readonly Namespace[]): readonly Namespace[] =>
    kinds.filter(kind => kind !== 'net');
  const program = request.program.map((one): Step =>
    one.call === 'fork' ? step.fork(others(one.namespaces)) : one,
  );
  return { ...request, namespaces: others(request.namespaces ?? []), program };
}

function bornInto({ namespaces = [], program }: SpawnRequest): readonly string[] {
  const forks = program.flatMap(one => (one.call === 'fork' ? one.namespaces : []));
  return [...namespaces, ...forks];
}
// As made: 7a3ade49
