// A container's files while it does not run, shared by all who need them.
//
// - `new SharedTree()`, `.acquire(open)`: the one mount, to be disposed of by each who has it
// - `.isUsedUntil(released)`: somebody else has a mount of it, who is about to go
// - `.keep(use)`: for who comes next, a moment long; `.drop()`: not any more
//
// An upper layer must never be mounted twice, so a start takes the mount that a copy is reading
// from, and the other way round. The last one to let go closes it.

import { cloneMount, SyscallError } from '@slipway/native';
import type { ContainerTree } from '../../../libcontainer/layers.ts';

export interface TreeUse extends AsyncDisposable {
  /** For who stays outside. */
  readonly own: number;
  /** To be attached by an init, once; closed with this. */
  forAttach(): number;
}

interface Open {
  readonly tree: Promise<ContainerTree>;
  users: number;
  isAttached: boolean;
}

const keptMs = 500;

export class SharedTree {
  #open: Open | undefined;
  #free: Promise<void> = Promise.resolve();
  #kept: { readonly use: TreeUse; readonly timer: NodeJS.Timeout } | undefined;

  isUsedUntil(released: Promise<void>): void {
    this.#free = released;
  }

  async acquire(open: () => Promise<ContainerTree>): Promise<TreeUse> {
    const opened = () => this.#free.then(open);
    const shared = (this.#open ??= { tree: opened(), users: 0, isAttached: false });
    shared.users += 1;
    try {
      const use = this.#use(shared, await shared.tree);
      await this.drop();
      return use;
    } catch (error) {
      if (this.#open === shared) this.#open = undefined;
      throw error;
    }
  }

  /** Takes `use` over: a start comes mostly right behind a create, and to mount takes its time. */
  keep(use: TreeUse): void {
    this.#kept = { use, timer: setTimeout(() => void this.drop(), keptMs).unref() };
  }

  async drop(): Promise<void> {
    const kept = this.#kept;
    this.#kept = undefined;
    clearTimeout(kept?.timer);
    await kept?.use[Symbol.asyncDispose]();
  }

  #use(shared: Open, tree: ContainerTree): TreeUse {
    const held = new DisposableStack();
    let isDone = false;
    return {
      own: tree.descriptor,
      forAttach: () => forAttach(shared, tree, held),
      [Symbol.asyncDispose]: async () => {
        if (isDone) return;
        isDone = true;
        held.dispose();
        shared.users -= 1;
        if (shared.users > 0) return;
        if (this.#open === shared) this.#open = undefined;
        tree[Symbol.dispose]();
      },
    };
  }
}

/** Older kernels do not clone what hangs nowhere: there the one mount is attached, once. */
function forAttach(shared: Open, { descriptor }: ContainerTree, held: DisposableStack): number {
  try {
    return held.use(cloneMount(descriptor, { recursive: true })).descriptor;
  } catch (error) {
    if (!(error instanceof SyscallError) || error.code !== 'EINVAL' || shared.isAttached)
      throw error;
    shared.isAttached = true;
    return descriptor;
  }
}
