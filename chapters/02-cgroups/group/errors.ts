// What can go wrong with a control group, as one error class with a short catalogue.
//
// - ControlGroupError: `code` says which kind, `message` what, which, why, what to do
// - refused(): turns an errno of the kernel into such an error
// - errnoOf(): the errno name of anything thrown, or undefined
//
// Invariant: a limit that is not in force is always one of these, never silence.

/**
 * OPTION a user's value is wrong; ABSENT the controller is not there; REFUSED the
 * kernel said no; NOT_TAKEN the kernel said yes and did something else; UNSUPPORTED
 * this world has no such limit; EXISTS, GONE, BUSY concern the group itself.
 */
export type ControlGroupErrorCode =
  | 'OPTION'
  | 'ABSENT'
  | 'REFUSED'
  | 'NOT_TAKEN'
  | 'UNSUPPORTED'
  | 'EXISTS'
  | 'GONE'
  | 'BUSY';

export class ControlGroupError extends Error {
  override readonly name = 'ControlGroupError';
  readonly code: ControlGroupErrorCode;

  constructor(code: ControlGroupErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The errno name ("EBUSY") of what a system call threw, if it is one. */
export function errnoOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !('code' in thrown)) return undefined;
  return typeof thrown.code === 'string' ? thrown.code : undefined;
}

/** An error for `what` that the kernel refused with the errno of `cause`. */
export function refused(
  what: string,
  cause: unknown,
  hint?: string,
): ControlGroupError {
  const errno = errnoOf(cause) ?? String(cause);
  const advice = hint === undefined ? '' : `: ${hint}`;
  return new ControlGroupError('REFUSED', `${what}: ${errno}${advice}`, { cause });
}
