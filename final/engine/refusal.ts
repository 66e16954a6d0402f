// Why a job did not do what it was asked for: one catalogue for the engine, the API and the client.
//
// - `Refusal`: an error with a code; its message is for the user, as Docker's users know it
// - `statusOf(code)`: the HTTP status that the API answers with
//
// Whatever else is thrown is a fault of ours: the API answers 500 and the log has the stack.

const statuses = {
  /** Asked for already, and so it is. */
  UNCHANGED: 304,
  /** The request itself is wrong. */
  INVALID: 400,
  UNAUTHORIZED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  /** The caller sends a request that never ends. */
  TOO_SLOW: 408,
  /** Right in itself, but not in the state that things are in. */
  CONFLICT: 409,
  TOO_LARGE: 413,
  /** The kernel, or a program of the user's, did not do it. */
  FAILED: 500,
  UNSUPPORTED: 501,
  /** Not now. */
  UNAVAILABLE: 503,
} as const;

export type RefusalCode = keyof typeof statuses;

export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export function statusOf(code: RefusalCode): number {
  return statuses[code];
}

export const invalid = (message: string, options?: ErrorOptions): Refusal =>
  new Refusal('INVALID', message, options);
export const notFound = (message: string, options?: ErrorOptions): Refusal =>
  new Refusal('NOT_FOUND', message, options);
export const conflict = (message: string, options?: ErrorOptions): Refusal =>
  new Refusal('CONFLICT', message, options);
export const failed = (message: string, options?: ErrorOptions): Refusal =>
  new Refusal('FAILED', message, options);
export const unchanged = (message: string): Refusal => new Refusal('UNCHANGED', message);
