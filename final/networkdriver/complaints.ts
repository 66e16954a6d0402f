// Several complaints in one answer, as Docker writes them.
//
// - `joined(complaints)`: one as it is; several as a list; undefined for none

/** Lines of a complaint that is a list itself are moved in. */
export function joined(complaints: readonly string[]): string | undefined {
  const [first, ...more] = complaints;
  if (first === undefined) return undefined;
  if (more.length === 0) return first.trim();
  return complaints.map(one => `* ${one.replaceAll('\n', '\n\t')}`).join('\n');
}
