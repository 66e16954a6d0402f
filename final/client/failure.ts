// How a command of the client fails: words for the user and a status for the shell.
//
// - `Failure`     what the client itself objects to, or the engine
// - `ApiFailure`  the engine's answer was an error: its status beside its words
// - `exitStatusOfStart(message)`   127: there is no such program, 126: it cannot be run, 125: else

export class Failure extends Error {
  override readonly name: string = 'Failure';
  readonly exitStatus: number;

  constructor(message: string, exitStatus = 1) {
    super(message);
    this.exitStatus = exitStatus;
  }

  /** By its form: of the bundled client some parts lie apart, with a class of their own. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && 'exitStatus' in value;
  }
}

export class ApiFailure extends Failure {
  override readonly name = 'ApiFailure';
  readonly status: number;

  constructor(status: number, message: string) {
    super(`Error response from daemon: ${message}`);
    this.status = status;
  }

  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Failure && 'status' in value;
  }
}

export function exitStatusOfStart(message: string): number {
  if (/executable file not found|no such file or directory/.test(message)) return 127;
  if (/permission denied|is a directory/i.test(message)) return 126;
  return 125;
}
