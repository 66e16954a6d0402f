// A container at work under its keeper.
//
// - `NativeRunning`: what `Running` promises
//
// It is the same object for a container that this daemon has started and for one that it found.

import {
  cloneMount,
  cloneMountOf,
  onShortage,
  openPath,
  type Keeper,
  type KeptChild,
  type OpenDescriptor,
  SyscallError,
} from '@slipway/native';
import { conflict, invalid } from '../../engine/refusal.ts';
import { execProgram } from '../../libcontainer/exec-program.ts';
import { ControlGroupError, type Group } from '../../libcontainer/groups.ts';
import { limitsOf } from '../../libcontainer/limits.ts';
import { exitStatusOf, namespacesToJoin } from '../../libcontainer/root.ts';
import type { Resources } from '../../libcontainer/spec/resources.ts';
import type { ContainerProgram } from '../../libcontainer/program.ts';
import type { RuntimeSpec, SpecProcess } from '../../libcontainer/spec.ts';
import type { Ended, ExecRequest, Running, StepTime, TerminalSize } from '../driver.ts';
import type { ContainerStats } from '../stats.ts';
import { answered } from './answering.ts';
import { stepTimes } from './explain.ts';
import { startFailure } from './failure.ts';
import { dismiss, removeGroup } from './leftovers.ts';
import { heldRoot, usualSize, type Shared } from './driver-wide.ts';

export interface RunningParts {
  readonly id: string;
  readonly spec: RuntimeSpec;
  /** Undefined once it has gone: of a container that ended while nobody looked. */
  readonly keeper: Keeper | undefined;
  readonly main: KeptChild;
  readonly group: Group;
  /** Told only to who asks. */
  readonly steps: () => readonly StepTime[];
  readonly shared: Shared;
}

const sigkill = 9;

export class NativeRunning implements Running {
  readonly id: string;
  readonly main: KeptChild;
  readonly ended: Promise<Ended>;
  readonly #parts: RunningParts;
  #hasEnded = false;

  constructor(parts: RunningParts) {
    this.#parts = parts;
    this.id = parts.id;
    this.main = parts.main;
    this.ended = this.#end();
    // Whoever wants to know asks `ended`; nobody asking is no failure of this process.
    this.ended.catch(() => undefined);
  }

  get pid(): number {
    return this.#hasEnded ? 0 : this.main.pid;
  }

  get startedAtNs(): bigint {
    return this.main.startedAtNs;
  }

  async #end(): Promise<Ended> {
    const { main, group } = this.#parts;
    const { status, finishedAtNs, hasLostKeeper } = await main.wait();
    this.#hasEnded = true;
    if (hasLostKeeper) throw new Error(`the keeper of container ${this.id} was killed`);
    return {
      exitCode: exitStatusOf(status),
      finishedAt: new Date(Number(finishedAtNs / 1_000_000n)),
      finishedAtNs,
      oomKilled: (group.events().oomKills ?? 0) > 0,
    };
  }

  onShortage(told: () => void): void {
    const { group } = this.#parts;
    const folder = group.directoryOf('memory');
    if (folder === undefined) return;
    let before = group.events().oomKills ?? 0;
    const look = (times: number): void => {
      if (this.#hasEnded) return;
      const { oomKills: now = 0, waitsForMemory = false } = group.events();
      if (now > before || waitsForMemory) told();
      // Version 1 tells of it before it ends anybody.
      else if (times > 1) setTimeout(look, 20, times - 1).unref();
      before = now;
    };
    const watching = onShortage(folder, () => look(10));
    const stop = (): void => watching[Symbol.dispose]();
    this.ended.then(stop, stop);
  }

  steps(): readonly StepTime[] {
    return this.#parts.steps();
  }

  explain(process: SpecProcess): readonly StepTime[] {
    return stepTimes(this.#execProgram(process, usualSize), []);
  }

  async exec(request: ExecRequest): Promise<KeptChild> {
    const { keeper } = this.#parts;
    const { process, stdin, sinks, size = usualSize } = request;
    this.#refuseUnlessAwake();
    if (keeper === undefined) throw conflict(`container ${this.id} is not running`);
    try {
      const spawning = keeper.spawn({
        ...this.#execProgram(process, size),
        name: request.id,
        stdio: [stdin ? 'pipe' : 'null', 'pipe', 'pipe'],
        ...(sinks && { sinks }),
      });
      return await answered(keeper, this.id, spawning, late => void late.kill(sigkill));
    } catch (error) {
      if (this.#hasEnded) throw conflict(`container ${this.id} is not running`, { cause: error });
      throw startFailure(error, process.args);
    }
  }

  #execProgram(process: SpecProcess, size: TerminalSize): ContainerProgram {
    const { main, group, spec, shared } = this.#parts;
    const { seccomp } = spec.linux ?? {};
    return execProgram({
      process,
      pidfd: main.pidfd,
      namespaces: namespacesToJoin(main.pid),
      cgroups: group.directories,
      filter: seccomp && { seccomp, descriptor: shared.filters.descriptorOf(seccomp) },
      size,
    });
  }

  #refuseUnlessAwake(): void {
    if (this.#hasEnded) throw conflict(`container ${this.id} is not running`);
    if (!this.#parts.group.events().frozen) return;
    throw conflict(`Container ${this.id} is paused, unpause the container before exec`);
  }

  async kill(signal: number): Promise<boolean> {
    const { main, group } = this.#parts;
    const isSent = main.kill(signal);
    // Of version 1 the frozen act upon nothing, not even upon SIGKILL, before they are thawed.
    if (isSent && signal === sigkill && group.events().frozen) await group.thaw();
    return isSent;
  }

  get isPaused(): boolean {
    return !this.#hasEnded && this.#parts.group.events().frozen;
  }

  async pause(): Promise<void> {
    await this.#parts.group.freeze();
  }

  async resume(): Promise<void> {
    await this.#parts.group.thaw();
  }

  update(resources: Resources): void {
    const { group, shared } = this.#parts;
    try {
      group.set(limitsOf(resources, shared.countsSwap));
    } catch (error) {
      if (!(error instanceof ControlGroupError)) throw error;
      throw invalid(error.message, { cause: error });
    }
  }

  stats(): ContainerStats {
    return this.#parts.group.stats();
  }

  processes(): readonly number[] {
    return this.#parts.group.processes();
  }

  inside(): OpenDescriptor | undefined {
    if (this.#hasEnded) return undefined;
    try {
      const root = openPath(`/proc/${this.main.pid}/root`);
      // As long as it has not ended the number means this process and no other.
      if (this.main.kill(0)) return root;
      root[Symbol.dispose]();
    } catch {
      // It has just ended.
    }
    return undefined;
  }

  async root(): Promise<OpenDescriptor> {
    const { keeper } = this.#parts;
    const held = keeper?.held(heldRoot);
    const root =
      keeper && held && (await answered(keeper, this.id, held, late => late?.[Symbol.dispose]()));
    if (root !== undefined) return alone(root, this.main.pid);
    throw new Error(`nobody holds the root of container ${this.id} any more`);
  }

  async release(): Promise<void> {
    const { keeper, group } = this.#parts;
    await removeGroup(group);
    if (keeper !== undefined) await dismiss(keeper);
  }
}

/**
 * Kernels before 6.15 clone nothing that hangs nowhere: what is held there is the very mount that
 * the init has attached, with /proc and all else below it. A clone made inside has none of that.
 */
function alone(held: OpenDescriptor, pid: number): OpenDescriptor {
  try {
    cloneMount(held.descriptor, { recursive: false })[Symbol.dispose]();
    return held;
  } catch (error) {
    if (!(error instanceof SyscallError) || error.code !== 'EINVAL') throw error;
  }
  try {
    const clone = cloneMountOf(pid, '/');
    held[Symbol.dispose]();
    return clone;
  } catch (error) {
    // It has ended, and with its table of mounts went what hung below.
    if (error instanceof SyscallError && error.code === 'ENOENT') return held;
    throw error;
  }
}
