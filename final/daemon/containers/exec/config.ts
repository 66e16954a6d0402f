// What a caller asks of a second process in a container.
//
// - `execConfigSchema`, `ExecConfig`: the body of a request to make one
//
// Source: Docker Engine API v1.45, ExecConfig.

import { z } from 'zod';
import { flag, list, maybe, text, words } from '../record/go-json.ts';

export const execConfigSchema = z.object({
  AttachStdin: flag,
  AttachStdout: flag,
  AttachStderr: flag,
  Detach: flag,
  ConsoleSize: maybe(z.tuple([z.int().nonnegative(), z.int().nonnegative()])),
  DetachKeys: text,
  Tty: flag,
  Env: list(z.string()),
  Cmd: words,
  Privileged: flag,
  User: text,
  WorkingDir: text,
});
export type ExecConfig = z.output<typeof execConfigSchema>;
