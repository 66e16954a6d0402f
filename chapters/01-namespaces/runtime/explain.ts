// `--explain`: the program of system calls as text, on standard output.
//
// - `printProgram(request)`: prints it and returns the exit status 0
// - `programText(request)`: the lines

import chalk from 'chalk';
import { explainProgram, type SpawnRequest } from '@slipway/native';

type Explainable = Pick<SpawnRequest, 'namespaces' | 'cgroups' | 'program'>;

/** Prints the calls of `request` and returns 0. */
export function printProgram(request: Explainable): number {
  process.stdout.write(programText(request));
  return 0;
}

/** One call a line, then its reason on the next, indented. */
export function programText(request: Explainable): string {
  return explainProgram(request)
    .map(({ code, why }, index) => {
      const number = String(index).padStart(2);
      return `${chalk.dim(number)}  ${code}\n    ${chalk.dim(`# ${why}`)}\n`;
    })
    .join('');
}
