/**
 * The program of a whole container, which both contestants carry out.
 *
 * - wholeRequest(parts)  six namespaces, a root of its own, what is mounted in it, `true`
 *
 * Without the network: Slipway lets it join one, the floor program makes calls of its own.
 */
import { step, type Namespace, type SpawnRequest } from '@slipway/native';
import type { FileMount } from '@slipway/network';
import { withRoot } from '@slipway/rootfs';
import { withVolumes, type PreparedMount } from '@slipway/volumes';

const namespaces: readonly Namespace[] = ['cgroup', 'ipc', 'mount', 'net', 'pid', 'uts'];

export interface Parts {
  /** Descriptors of mounts that hang nowhere. */
  readonly root: number;
  readonly files: readonly FileMount[];
  readonly volumes: readonly PreparedMount[];
}

export function wholeRequest({ root, files, volumes }: Parts): SpawnRequest {
  const bare: SpawnRequest = {
    namespaces,
    program: [
      ...[step.setPropagation('private'), step.mountProc(), step.setHostname('box')],
      ...[step.newSession(), step.exec(['/true'], [])],
    ],
  };
  const rooted = withRoot(bare, { descriptor: root, readOnly: false });
  return withVolumes(rooted, [...files, ...volumes]);
}
