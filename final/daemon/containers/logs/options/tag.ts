// The tag of a log: a text with the names of its container in it, `{{.Name}}/{{.ID}}`.
//
// - `logTag(template, container)`: the text; throws Error in the words of Go's templates
//
// Of the templates it knows the fields and nothing else. Source: moby, daemon/logger/loginfo.go.

import { hostname } from 'node:os';

export interface Logged {
  readonly id: string;
  readonly name: string;
  readonly imageId: string;
  readonly path: string;
  readonly args: readonly string[];
  readonly config: {
    readonly Image: string;
    readonly Env: readonly string[] | null;
    readonly Labels: Readonly<Record<string, string>> | null;
  };
}

export function logTag(template: string, { id, name, imageId, ...about }: Logged): string {
  const fields: Readonly<Record<string, string>> = {
    ...{ ID: id.slice(0, 12), FullID: id, ContainerID: id },
    ...{ Name: name, ContainerName: `/${name}` },
    // Cut off before the digest has begun, as everybody's logs have it.
    ...{ ImageID: imageId.slice(0, 12), ImageFullID: imageId, ContainerImageID: imageId },
    ...{ ImageName: about.config.Image, ContainerImageName: about.config.Image },
    ...{ Command: [about.path, ...about.args].join(' '), ContainerEntrypoint: about.path },
    ...{ Hostname: hostname(), DaemonName: 'docker' },
  };
  const text = template.replaceAll(/\{\{\s*(.*?)\s*\}\}/g, (_, action: string, at: number) => {
    const field = /^\.(\w+)$/.exec(action)?.[1];
    if (field === undefined) throw new Error(`template: log-tag:1: unexpected ${action} in tag`);
    const value = fields[field];
    if (value !== undefined) return value;
    const place = `template: log-tag:1:${at + 2}: executing "log-tag" at <.${field}>`;
    throw new Error(`${place}: can't evaluate field ${field} in type *logger.Info`);
  });
  if (text.includes('{{')) throw new Error('template: log-tag:1: unclosed action');
  return text;
}
