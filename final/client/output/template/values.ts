// Values of JSON as Go would have them.
//
// - `fieldOf(value, name, isFirst)`   a field, or that there is none
// - `itemsOf(value)`     of a list or a map, keys in order
// - `isTrue(value)`, `written(value)`, `jsonOf(value)`
//
// `null` in JSON is a list, a map or nothing, which Go's types know and JSON does not say: here the
// names of the fields do.

const maps = new Set(
  (
    'Volumes Labels ExposedPorts Options PortBindings DriverOpts Sysctls Tmpfs Annotations ' +
    'StorageOpt Ports Networks'
  ).split(' '),
);
const pointers = new Set(
  (
    'PidsLimit Health OomKillDisable MemorySwappiness Init StopTimeout Healthcheck IPAMConfig ' +
    'GraphDriver Platform Descriptor ImageManifestDescriptor'
  ).split(' '),
);

const noList: readonly unknown[] = Object.freeze([]);
const noMap: object = Object.freeze({});
const nothing: object = Object.freeze({});

interface Field {
  readonly value: unknown;
  readonly isMissing: boolean;
}

export function fieldOf(value: unknown, name: string, isFirst: boolean): Field {
  if (typeof value !== 'object' || value === null || value === nothing) {
    return { value: undefined, isMissing: isFirst || value !== undefined };
  }
  const found: unknown = Reflect.get(value, name);
  if (found === null) return { value: typedNull(name), isMissing: false };
  if (found !== undefined) return { value: found, isMissing: false };
  if (pointers.has(name)) return { value: nothing, isMissing: false };
  // A map of labels has no value for what is not in it; a structure has no such field.
  const isMap = !Object.keys(value).some(key => /^[A-Z]/.test(key));
  return { value: undefined, isMissing: !isMap };
}

function typedNull(name: string): unknown {
  if (pointers.has(name)) return nothing;
  return maps.has(name) ? noMap : noList;
}

export function itemsOf(value: unknown): readonly (readonly [string | number, unknown])[] {
  if (Array.isArray(value)) return value.map((one: unknown, index) => [index, one] as const);
  if (typeof value === 'number') return Array.from({ length: value }, (_, index) => [index, index]);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

export function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

export function lengthOf(value: unknown): number {
  return typeof value === 'string' ? Buffer.byteLength(value) : itemsOf(value).length;
}

/** As `%v` shows it. */
export function written(value: unknown): string {
  if (value === nothing) return '<nil>';
  if (value === undefined || value === null) return '<no value>';
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map(written).join(' ')}]`;
  if (typeof value !== 'object') return JSON.stringify(value);
  const pairs = itemsOf(value).map(([key, one]) => `${key}:${written(one)}`);
  return `map[${pairs.join(' ')}]`;
}

/** As Go's encoder writes it: what a browser might take for a tag is escaped. */
export function jsonOf(value: unknown): string {
  const isNull = (one: unknown): boolean => one === noList || one === noMap || one === nothing;
  const text = JSON.stringify(value, (_, one: unknown) => (isNull(one) ? null : one)) ?? 'null';
  return escaped(text);
}

export function escaped(json: string): string {
  return json.replaceAll(
    /[<>&\u2028\u2029]/g,
    char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
