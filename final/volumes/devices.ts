// What is mounted in the place of a volume that has a device: `-o type=tmpfs`, nfs, a folder.
//
// - `new Devices(containers)`
// - `.open(user, volume)`: the mount, for a start of the container `user`; the first one makes it
// - `.leave(user)`: the last one takes it down
//
// A process mounts it where nobody else sees it, and waits: a server that does not answer keeps
// that process waiting and nobody else, and what is mounted ends with it. Containers that have it
// already go on having it, so after a restart of the daemon it is taken from one of them.

import { lookup } from 'node:dns/promises';
import { realpathSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { cloneMountOf, openPath, spawn, step, SyscallError } from '@slipway/native';
import { errnoText } from '../engine/errno-text.ts';
import { failed } from '../engine/refusal.ts';
import type { OpenDevice, Volume, VolumeDevice, VolumeRequest } from '../libcontainer/volumes.ts';
import { readMountOptions } from './mount-options.ts';
import type { ContainersWithMounts } from './mounting.ts';

interface Place {
  readonly pid: number;
  readonly path: string;
}

interface Held extends Place {
  end(): void;
}

interface Shared {
  readonly held: Promise<Held>;
  readonly users: Set<string>;
}

export class Devices {
  readonly #containers: ContainersWithMounts;
  readonly #shared = new Map<string, Shared>();

  constructor(containers: ContainersWithMounts) {
    this.#containers = containers;
  }

  /** @throws Refusal FAILED in the words of mount(8) */
  async open(
    user: string,
    { name, device, mountpoint }: Volume,
    { readOnly, subpath }: Pick<VolumeRequest, 'readOnly' | 'subpath'>,
  ): Promise<OpenDevice> {
    if (device === undefined) return { folder: openPath(mountpoint) };
    try {
      if (device.options === 'bind') return { folder: openPath(device.source) };
      const found = await withAddress(device);
      const { pid, path } = await this.#place(user, name, found, mountpoint);
      const part = subpath === undefined ? path : join(path, subpath);
      return { mount: cloneMountOf(pid, part, readOnly ? ['ro'] : []) };
    } catch (error) {
      if (!(error instanceof SyscallError)) throw error;
      throw failed(notMounted(device, mountpoint, error), { cause: error });
    }
  }

  leave(user: string): void {
    for (const [name, { held, users }] of this.#shared) {
      if (!users.delete(user) || users.size > 0) continue;
      this.#shared.delete(name);
      held.then(
        one => one.end(),
        () => undefined,
      );
    }
  }

  async #place(
    user: string,
    name: string,
    device: VolumeDevice,
    mountpoint: string,
  ): Promise<Place> {
    const known = this.#shared.get(name);
    known?.users.add(user);
    if (known !== undefined) return known.held;
    const other = this.#inContainer(name);
    if (other !== undefined) return other;
    const forget = (): void => {
      if (this.#shared.get(name) === shared) this.#shared.delete(name);
    };
    const shared: Shared = { held: hold(device, mountpoint, forget), users: new Set([user]) };
    this.#shared.set(name, shared);
    return shared.held;
  }

  /** Where a container that runs has all of it, writable. */
  #inContainer(name: string): Place | undefined {
    for (const { mounts, state } of this.#containers.all()) {
      if (!state?.pid) continue;
      const whole = mounts.find(one => one.name === name && one.readWrite && !one.subpath);
      if (whole !== undefined) return { pid: state.pid, path: whole.destination };
    }
    return undefined;
  }
}

/** The kernel knows no names. @throws Refusal FAILED */
async function withAddress(device: VolumeDevice): Promise<VolumeDevice> {
  const { type, options = '' } = device;
  const [, name = ''] = /(?:^|,)addr=([^,]*)/.exec(options) ?? [];
  if (!/^(nfs4?|cifs)$/.test(type) || name === '' || isIP(name) !== 0) return device;
  try {
    const { address } = await lookup(name, { family: 4 });
    return { ...device, options: options.replace(`addr=${name}`, `addr=${address}`) };
  } catch (cause) {
    const why = `lookup ${name}: no such host`;
    throw failed(`error resolving passed in network volume address: ${why}`, { cause });
  }
}

/** @throws SyscallError as mount(2) */
async function hold(
  { type, source, options = '' }: VolumeDevice,
  mountpoint: string,
  ended: () => void,
): Promise<Held> {
  const path = realpathSync(mountpoint);
  const { flags, data } = readMountOptions(options);
  const isReadOnlyBind = flags.includes('bind') && flags.some(flag => !/^(bind|rec)$/.test(flag));
  const mounted = Promise.withResolvers<Held>();
  const done = Promise.withResolvers<void>();
  const life = spawn({
    namespaces: ['mount'],
    stdio: ['null', 'null', 'null'],
    program: [
      step.setPropagation('private'),
      step.mount(source, path, type, { flags, data }),
      ...(isReadOnlyBind ? [step.mount('none', path, '', { flags: [...flags, 'remount'] })] : []),
      step.barrier('mounted'),
      step.exec(['/'], []),
    ],
    onBarrier: (_, { pid }) => {
      const end = (): void => done.reject(new Error('nobody uses it any more'));
      mounted.resolve({ pid, path, end });
      return done.promise;
    },
  });
  life.catch((error: unknown) => {
    ended();
    mounted.reject(error);
  });
  return mounted.promise;
}

function notMounted(
  { source, options = '' }: VolumeDevice,
  mountpoint: string,
  error: SyscallError,
): string {
  const { bits, data } = readMountOptions(options);
  const more = [
    ...(bits === 0 ? [] : [`flags: 0x${bits.toString(16)}`]),
    // A password is nobody else's affair.
    ...(data === '' ? [] : [`data: ${data.replace(/\bpassword=[^,]*/, 'password=********')}`]),
  ];
  const call = [`mount ${source}:${mountpoint}`, ...more].join(', ');
  return (
    `error while mounting volume '${mountpoint}': ` +
    `failed to mount local volume: ${call}: ${errnoText(error)}`
  );
}
