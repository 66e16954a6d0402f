// A container that could not be started: in the words that Docker's users know.
//
// - `StartFailure`: a Refusal with the exit code that the container is left with
//
//   127  the program, its folder or its interpreter is not there
//   126  it is there and cannot be run
//   128  anything else

import { Refusal, type RefusalCode } from '../engine/refusal.ts';

export class StartFailure extends Refusal {
  readonly exitCode: 126 | 127 | 128;

  constructor(
    code: RefusalCode,
    exitCode: 126 | 127 | 128,
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
    this.exitCode = exitCode;
  }
}
