// Names of images, judged before the engine is asked.
//
// - `wrongReference(text)`   in docker's words; undefined if nothing is wrong
//
// Only the mistake that people make: a letter that is upper case.

export function wrongReference(text: string): string | undefined {
  const [, path = ''] = /^(.*?)(?:@.*|:[^:/]*)?$/.exec(text) ?? [];
  const parts = path.split('/');
  const hasHost = parts.length > 1 && /[.:A-Z]|^localhost$/.test(parts[0] ?? '');
  const name = (hasHost ? parts.slice(1) : parts).join('/');
  if (!/[A-Z]/.test(name)) return undefined;
  const full = parts.length === 1 ? `library/${name}` : name;
  return `invalid reference format: repository name (${full}) must be lowercase`;
}
