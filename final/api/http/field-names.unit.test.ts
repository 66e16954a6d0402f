import { expect, test } from 'vitest';
import { z } from 'zod';
import { createBody } from '../routes/create.ts';
import { withKnownNames } from './field-names.ts';

const schema = z.object({
  Image: z.string().nullish(),
  Labels: z.record(z.string(), z.string()).nullish(),
  HostConfig: z.object({ Memory: z.int() }).nullish(),
  Mounts: z
    .array(z.object({ Type: z.string() }))
    .readonly()
    .nullish(),
  Either: z.union([z.string(), z.object({ Name: z.string() })]).optional(),
});

test.each([
  [
    { image: 'a', hostconfig: { MEMORY: 1 } },
    { Image: 'a', HostConfig: { Memory: 1 } },
  ],
  [{ labels: { Image: 'x', image: 'y' } }, { Labels: { Image: 'x', image: 'y' } }],
  [
    { mounts: [{ type: 'bind' }], either: { NAME: 'n' } },
    { Mounts: [{ Type: 'bind' }], Either: { Name: 'n' } },
  ],
  [
    { Image: 'exact', image: 'other', unknown: 1 },
    { Image: 'exact', image: 'other', unknown: 1 },
  ],
  [null, null],
  [[{ image: 'a' }], [{ image: 'a' }]],
  [
    { hostconfig: [1], labels: 'text' },
    { HostConfig: [1], Labels: 'text' },
  ],
])('%j is read as Go reads it', (value, expected) => {
  expect(withKnownNames(value, schema)).toEqual(expected);
});

test('a container is created from a body in small letters', () => {
  const body = { image: 'busybox', cmd: ['true'], hostconfig: { binds: ['/a:/b'], memory: 7 } };
  const read = createBody.parse(withKnownNames(body, createBody));
  expect(read).toMatchObject({ Image: 'busybox', Cmd: ['true'] });
  expect(read).toMatchObject({ HostConfig: { Binds: ['/a:/b'], Memory: 7 } });
});
