// What can be wrong with a volume, for a person and for an API.
//
// - `VolumeError {code, volume}`: NAME (bad grammar), MISSING, IN_USE, BROKEN

export type VolumeErrorCode = 'NAME' | 'MISSING' | 'IN_USE' | 'BROKEN';

export class VolumeError extends Error {
  override readonly name = 'VolumeError';
  readonly code: VolumeErrorCode;
  readonly volume: string;

  constructor(code: VolumeErrorCode, volume: string, why: string, cause?: unknown) {
    super(`volume ${JSON.stringify(volume)}: ${why}`, { cause });
    this.code = code;
    this.volume = volume;
  }
}
