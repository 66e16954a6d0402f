// A volume as users ask for it, and as the API shows it.
//
// - `createVolumeSchema`, `CreateVolume`: the body of a request
// - `refuseVolume(request, name)`: what is wrong with it → what is to be mounted there, if anything
// - `shownVolume(volume)`: as lists and inspections have it
//
//     -o type=none -o o=bind -o device=/host/folder      a folder of the host, by a name
//     -o type=tmpfs -o device=tmpfs -o o=size=10m        a file system (devices.ts)
//
// Source: Engine API v1.45, Volume; volume/local of moby, for the words.

import { z } from 'zod';
import { invalid, notFound, Refusal } from '../engine/refusal.ts';
import { isVolumeName, type Volume, type VolumeDevice } from '../libcontainer/volumes.ts';

const text = z
  .string()
  .nullish()
  .transform(value => value ?? '');

const texts = z
  .record(z.string(), z.string())
  .nullish()
  .transform(value => value ?? {});

export const createVolumeSchema = z.object({
  Name: text,
  Driver: text,
  DriverOpts: texts,
  Labels: texts,
  ClusterVolumeSpec: z.unknown().optional(),
});

export type CreateVolume = z.output<typeof createVolumeSchema>;

/** What a volume has that nobody has named. */
export const anonymousLabel = 'com.docker.volume.anonymous';

/** @throws Refusal INVALID, NOT_FOUND for another driver, UNSUPPORTED */
export function refuseVolume(request: CreateVolume, name: string): VolumeDevice | undefined {
  const { Driver: driver, DriverOpts: options, ClusterVolumeSpec: cluster } = request;
  if (cluster !== undefined && cluster !== null)
    throw new Refusal('UNSUPPORTED', 'volumes of a cluster are not supported here');
  if (driver !== '' && driver !== 'local') {
    const why = `error looking up volume plugin ${driver}: plugin "${driver}" not found`;
    throw notFound(`create ${name}: ${why}`);
  }
  if (name.length < 2) {
    const why = 'volume name is too short, names should be at least two alphanumeric characters';
    throw invalid(`create ${name}: ${why}`);
  }
  if (!isVolumeName(name)) {
    throw invalid(
      `create ${name}: ${JSON.stringify(name)} includes invalid characters for a local volume ` +
        'name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host ' +
        'directory, use absolute path',
    );
  }
  return readDevice(name, options);
}

const known = new Set(['type', 'o', 'device', 'size']);

function readDevice(name: string, options: CreateVolume['DriverOpts']): VolumeDevice | undefined {
  const wrong = Object.keys(options).find(key => !known.has(key));
  if (wrong !== undefined)
    throw invalid(`create ${name}: invalid option: ${JSON.stringify(wrong)}`);
  const { type, device: source, o, size } = options;
  if (size !== undefined) refuseSize(name, size);
  if (type === undefined && source === undefined && o === undefined) return undefined;
  const missing = source === undefined ? 'device' : 'type';
  if (source === undefined || type === undefined)
    throw invalid(`create ${name}: missing required option: "${missing}"`);
  if (source === '' && type === '') return undefined;
  return { type, source, ...(o !== undefined && { options: o }) };
}

/** Nothing here counts what a folder holds; zero is without end. */
function refuseSize(name: string, size: string): void {
  if (!/^\d+(?:\.\d+)? ?(?:[kmgtp]i?)?b?$/i.test(size))
    throw invalid(`create ${name}: invalid size: '${size}'`);
  if (Number.parseFloat(size) > 0)
    throw invalid(`create ${name}: quota size requested but no quota support`);
}

export interface ShownVolume {
  readonly CreatedAt: string;
  readonly Driver: 'local';
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly Mountpoint: string;
  readonly Name: string;
  readonly Options: Readonly<Record<string, string>> | null;
  readonly Scope: 'local';
  readonly UsageData?: { readonly RefCount: number; readonly Size: number };
}

function optionsOf({ type, source, options }: VolumeDevice): Readonly<Record<string, string>> {
  return { device: source, ...(options !== undefined && { o: options }), type };
}

export function shownVolume({ name, mountpoint, createdAt, labels, device }: Volume): ShownVolume {
  return {
    CreatedAt: createdAt.replace(/\.\d+/, ''),
    Driver: 'local',
    Labels: Object.keys(labels).length === 0 ? null : labels,
    Mountpoint: mountpoint,
    Name: name,
    Options: device === undefined ? null : optionsOf(device),
    Scope: 'local',
  };
}
