// JSON as Docker's clients write it: what is absent, `null` or zero means the same, the default.
//
// - `text`, `flag`, `whole`: never absent behind the schema
// - `list(item)`, `map(value)`: `null` stays `null`, as an inspection shows it again
// - `words`: a list of texts; one text alone is a list of one
// - `maybe(schema)`: absent unless it was given
//
// Unknown fields are dropped without a word; a wrong type is refused with the field's name.

import { z } from 'zod';

export const text = z
  .string()
  .nullish()
  .transform(value => value ?? '');

export const flag = z
  .boolean()
  .nullish()
  .transform(value => value ?? false);

export const whole = z
  .int()
  .nullish()
  .transform(value => value ?? 0);

export const list = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item)
    .readonly()
    .nullish()
    .transform(value => value ?? null);

export const map = <Value extends z.ZodType>(value: Value) =>
  z
    .record(z.string(), value)
    .readonly()
    .nullish()
    .transform(entries => entries ?? null);

export const words = z
  .union([z.string().transform(word => [word]), z.array(z.string())])
  .nullish()
  .transform((value): readonly string[] | null => value ?? null);

export const maybe = <Inner extends z.ZodType>(inner: Inner) =>
  inner.nullish().transform((value): z.output<Inner> | undefined => value ?? undefined);

/** The empty object that stands for membership in Docker's maps. */
export const member = z
  .looseObject({})
  .nullish()
  .transform(() => ({}));
