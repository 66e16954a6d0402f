// The tag of a log: a text with the names of its container in it, `{{.Name}}/{{.ID}}`.
//
// - `logTag(template, names)`: the text; throws INVALID for a name that there is not

import { invalid } from '../../../engine/refusal.ts';

export interface LoggedNames {
  readonly id: string;
  readonly name: string;
  readonly imageId: string;
}

export function logTag(template: string, { id, name, imageId }: LoggedNames): string {
  const image = imageId.replace('sha256:', '');
  const fields: Readonly<Record<string, string>> = {
    ID: id.slice(0, 12),
    FullID: id,
    Name: name,
    ImageID: image.slice(0, 12),
    ImageFullID: image,
    DaemonName: 'slipway',
  };
  return template.replaceAll(/\{\{\s*\.?(.*?)\s*\}\}/g, (_, field: string) => {
    const value = fields[field];
    if (value === undefined) throw invalid(`invalid value for tag: there is no field ${field}`);
    return value;
  });
}
