// `--format`: Go's templates, as far as people write them on a command line.
//
//     {{.Names}}   {{.State.Status}}   {{json .Config.Env}}   {{index .Labels "a"}}
//     {{range $k, $v := .Ports}}{{$k}} {{end}}   {{if eq .State.Status "exited"}}…{{else}}…{{end}}
//     {{with .Config}}…{{end}}   {{.Name | printf "%-10s" | upper}}   {{- trimmed -}}   {{/* … */}}
//
// - `template(text)`   @throws Failure in Go's words
// - `.render(value)`   the same
//
// A value is what JSON has; one that is a function is a method. Source: Go, text/template.

import { Failure } from '../../failure.ts';
import { parseTemplate, type Part, type Scope } from './parse.ts';
import { cutTemplate } from './words.ts';

export interface TemplateOptions {
  /** Before `template: :1: …` where it cannot be read. Default: as of a list. */
  readonly complaint?: string;
  readonly exitStatus?: number;
  /** What a field that there is not is said to be. */
  readonly missing?: (name: string) => string;
}

export interface Template {
  render(value: unknown): string;
}

const canNot = (name: string): string => `can't evaluate field ${name}`;

export function template(source: string, options: TemplateOptions = {}): Template {
  const { complaint = 'failed to parse template', exitStatus = 1, missing = canNot } = options;
  const parts = read(source, complaint, exitStatus);
  return {
    render: value => {
      const scope: Scope = { dot: value, variables: new Map([['$', value]]), missing };
      return parts.map(part => part(scope)).join('');
    },
  };
}

function read(source: string, complaint: string, exitStatus: number): readonly Part[] {
  try {
    return parseTemplate(cutTemplate(source.replaceAll('\\t', '\t').replaceAll('\\n', '\n')));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Failure(`${complaint}: template: :1: ${why}`, exitStatus);
  }
}
