// A volume as users ask for it, and as the API shows it.
//
// - `createVolumeSchema`, `CreateVolume`: the body of a request
// - `refuseVolume(request, name)`: what is wrong with it → the folder that it stands for, if any
// - `shownVolume(volume)`: as lists and inspections have it
//
//     -o type=none -o o=bind -o device=/host/folder      a folder of the host, by a name
//
// Source: Engine API v1.45, Volume; volume/local of moby, for the words.

import { z } from 'zod';
import { invalid, notFound, Refusal } from '../engine/refusal.ts';
import { isVolumeName, type Volume } from '../libcontainer/volumes.ts';

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
export function refuseVolume(request: CreateVolume, name: string): string | undefined {
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

function readDevice(name: string, options: CreateVolume['DriverOpts']): string | undefined {
  const wrong = Object.keys(options).find(key => !known.has(key));
  if (wrong !== undefined)
    throw invalid(`create ${name}: invalid option: ${JSON.stringify(wrong)}`);
  if (options['size'] !== undefined)
    throw new Refusal('UNSUPPORTED', `create ${name}: quota size requested but no quota support`);
  if (Object.keys(options).length === 0) return undefined;
  const { type, device, o = '' } = options;
  const missing = type === undefined ? 'type' : device === undefined ? 'device' : undefined;
  if (missing !== undefined) throw invalid(`create ${name}: missing required option: "${missing}"`);
  if (type === 'none' && o === 'bind' && device?.startsWith('/') === true) return device;
  throw new Refusal(
    'UNSUPPORTED',
    `create ${name}: volumes of type ${type} with these options are not supported here: of all ` +
      'devices only a folder of the host, with type=none, o=bind and an absolute path',
  );
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

export function shownVolume({ name, mountpoint, createdAt, labels, device }: Volume): ShownVolume {
  return {
    CreatedAt: createdAt.replace(/\.\d+/, ''),
    Driver: 'local',
    Labels: Object.keys(labels).length === 0 ? null : labels,
    Mountpoint: mountpoint,
    Name: name,
    Options: device === undefined ? null : { device, o: 'bind', type: 'none' },
    Scope: 'local',
  };
}
