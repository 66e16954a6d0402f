// A container of the native driver on a busybox root of its own, for the tests.
//
// - `container(context, args, wishes)`: started; disposing ends it and takes all of it back
// - `ran(context, script, wishes)`: run to its end → what it wrote, and how it ended

import { mkdirSync, readFileSync } from 'node:fs';
import { cloneTree, newNetwork } from '@slipway/native';
import type { CheckContext } from '@slipway/lab/check.ts';
import { raiseLoopback } from '../../libcontainer/network.ts';
import type { RuntimeSpec, SpecProcess } from '../../libcontainer/spec.ts';
import { usualSpec } from '../../libcontainer/usual-spec.fixture.ts';
import { busyboxTree, writeTree } from '../../libcontainer/root.ts';
import type { Ended, ExecDriver, Running, StartRequest } from '../driver.ts';
import { nativeDriver } from './native.ts';

export interface Wishes {
  readonly process?: Partial<SpecProcess>;
  /** Changes the whole configuration. */
  readonly spec?: (usual: RuntimeSpec) => RuntimeSpec;
  readonly request?: Partial<StartRequest>;
  /** Puts something into the root before the start. */
  readonly prepare?: (rootfs: string) => void;
}

export interface Started extends AsyncDisposable {
  readonly running: Running;
  readonly driver: ExecDriver;
  readonly folder: string;
  readonly spec: RuntimeSpec;
  /** What its log holds so far, of both streams. */
  output(): string;
}

export async function container(
  { scratch }: CheckContext,
  args: readonly string[],
  wishes: Wishes = {},
): Promise<Started> {
  const folder = await scratch();
  const rootfs = `${folder}/rootfs`;
  mkdirSync(rootfs);
  writeTree(busyboxTree(), rootfs);
  wishes.prepare?.(rootfs);
  const id = `t${process.pid}-${folder.slice(-6).replaceAll(/\W/g, 'x')}`;
  const usual = usualSpec(args, wishes.process);
  const placed = { ...usual, linux: { ...usual.linux, cgroupsPath: `/slipway/${id}` } };
  const spec = wishes.spec?.(placed) ?? placed;
  const driver = nativeDriver({ keepsHome: false });
  using own = cloneTree(rootfs);
  using root = cloneTree(rootfs);
  using network = await newNetwork();
  raiseLoopback(network);
  const running = await driver.start({
    ...{ id, folder, spec, mounts: [], stdin: false, log: { folder, file: 'log' } },
    root: { descriptor: root.descriptor, own: own.descriptor },
    network: { mode: 'prepared', namespace: network.descriptor },
    ...wishes.request,
  });
  const output = (): string =>
    readFileSync(`${folder}/log`, 'utf8')
      .split('\n')
      .map(line => (line === '' ? '' : JSON.parse(line).log))
      .join('');
  const dispose = async (): Promise<void> => {
    await running.release();
  };
  return { running, driver, folder, spec, output, [Symbol.asyncDispose]: dispose };
}

export interface Ran extends Ended {
  readonly output: string;
}

export async function ran(
  context: CheckContext,
  script: string,
  wishes: Wishes = {},
): Promise<Ran> {
  await using started = await container(context, ['sh', '-c', script], wishes);
  const ended = await started.running.ended;
  return { ...ended, output: started.output() };
}
