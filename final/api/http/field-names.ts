// Names of fields as Go reads them: `image` and `IMAGE` are `Image`.
//
// - `withKnownNames(value, schema)`: the value, with the names that the schema has
//
// Keys of maps (labels, options) are the user's and stay. Where both spellings are there the exact
// one counts. Source: Go, encoding/json, Unmarshal.

import type { core, z } from 'zod';

type Schema = z.ZodType | core.$ZodType;
type Definition = core.$ZodTypes['_zod']['def'];

function definitionOf(schema: Schema): Definition {
  return (schema as unknown as { readonly def: Definition }).def;
}

export function withKnownNames(value: unknown, schema: Schema): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const def = definitionOf(schema);
  switch (def.type) {
    case 'object':
      return Array.isArray(value) ? value : namedFields(value, def.shape);
    case 'array':
      return Array.isArray(value) ? value.map(one => withKnownNames(one, def.element)) : value;
    case 'record':
      return mapValues(value, one => withKnownNames(one, def.valueType));
    case 'optional':
    case 'nullable':
    case 'default':
    case 'readonly':
      return withKnownNames(value, def.innerType);
    case 'pipe':
      return withKnownNames(value, isTransform(def.in) ? def.out : def.in);
    case 'union':
      return def.options.reduce<unknown>(withKnownNames, value);
    case 'intersection':
      return withKnownNames(withKnownNames(value, def.left), def.right);
    default:
      return value;
  }
}

/** What is done before the schema is asked. */
function isTransform(schema: core.$ZodType): boolean {
  return definitionOf(schema).type === 'transform';
}

function mapValues(value: object, change: (one: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, change(one)]));
}

type Shape = Readonly<Record<string, core.$ZodType>>;

function namedFields(value: object, shape: Shape): unknown {
  const entries = Object.entries(value);
  const isKnown = ([key]: readonly [string, unknown]): boolean => Object.hasOwn(shape, key);
  const lower = entries.every(isKnown) ? undefined : lowerNames(shape);
  const named = (entry: readonly [string, unknown]): readonly [string, unknown] => {
    const [key, one] = entry;
    const name = isKnown(entry) ? key : lower?.get(key.toLowerCase());
    if (name === undefined || (name !== key && Object.hasOwn(value, name))) return entry;
    const field = shape[name];
    return [name, field === undefined ? one : withKnownNames(one, field)];
  };
  return Object.fromEntries(entries.map(named));
}

function lowerNames(shape: Shape): ReadonlyMap<string, string> {
  return new Map(Object.keys(shape).map(name => [name.toLowerCase(), name]));
}
