import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Refusal } from '../engine/refusal.ts';
import {
  familiarName,
  familiarText,
  fullText,
  parseAnyReference,
  parseReference,
  repositoryAndTag,
  withDefaultTag,
} from './reference.ts';

const digits = 'f'.repeat(64);

test('a short name is Docker Hub’s, and is shown as it was written', () => {
  const shown = [
    'busybox',
    'busybox:1',
    'docker.io/busybox',
    'index.docker.io/library/busybox',
    'me/tool',
    'localhost/tool',
    'localhost:5000/a/b__c/d-e.f:T',
    'UPPER/tool',
    '[::1]:5000/x',
    `busybox@sha256:${digits}`,
    `quay.io/a/b:1@sha256:${digits}`,
  ].map(text => `${text} = ${fullText(parseReference(text))}`);
  expect(shown.join('\n').replaceAll(digits, 'F')).toMatchInlineSnapshot(`
    "busybox = docker.io/library/busybox
    busybox:1 = docker.io/library/busybox:1
    docker.io/busybox = docker.io/library/busybox
    index.docker.io/library/busybox = docker.io/library/busybox
    me/tool = docker.io/me/tool
    localhost/tool = localhost/tool
    localhost:5000/a/b__c/d-e.f:T = localhost:5000/a/b__c/d-e.f:T
    UPPER/tool = UPPER/tool
    [::1]:5000/x = [::1]:5000/x
    busybox@sha256:F = docker.io/library/busybox@sha256:F
    quay.io/a/b:1@sha256:F = quay.io/a/b:1@sha256:F"
  `);
});

function refusal(text: string): string {
  try {
    return `taken: ${fullText(parseReference(text))}`;
  } catch (error) {
    if (error instanceof Refusal && error.code === 'INVALID') return error.message;
    throw error;
  }
}

test('what is no name is refused in the words of Docker', () => {
  const bad = ['', ':', '::', 'a b', 'busybox:', 'Bad:Name', 'T/X', 'a//b', 'a/../b', '/a', 'a/'];
  const more = ['-a', 'a.', 'a___b', `a:${'t'.repeat(129)}`, 'a@sha256:12', 'a/b@md5:1', 'x:-bad'];
  const told = [...bad, ...more].map(text => `${text} = ${refusal(text)}`);
  expect(told.join('\n').replaceAll('t'.repeat(129), 'T')).toMatchInlineSnapshot(`
    " = invalid reference format
    : = invalid reference format
    :: = invalid reference format
    a b = invalid reference format
    busybox: = invalid reference format
    Bad:Name = invalid reference format: repository name (library/Bad) must be lowercase
    T/X = invalid reference format: repository name (X) must be lowercase
    a//b = invalid reference format
    a/../b = invalid reference format
    /a = invalid reference format
    a/ = invalid reference format
    -a = invalid reference format
    a. = invalid reference format
    a___b = invalid reference format
    a:T = invalid reference format
    a@sha256:12 = invalid reference format
    a/b@md5:1 = invalid reference format
    x:-bad = invalid reference format"
  `);
  expect(refusal(digits)).toContain('cannot specify 64-byte hexadecimal strings');
  expect(refusal(`a@sha256:${'f'.repeat(40)}`)).toBe('invalid checksum digest length');
  expect(refusal(`a@md5:${'f'.repeat(32)}`)).toBe('unsupported digest algorithm');
  expect(refusal(`a/${'b'.repeat(255)}`)).toContain('more than 255 characters');
});

test('an id is no name, with its algorithm or without', () => {
  expect(parseAnyReference(digits)).toEqual({ kind: 'id', id: `sha256:${digits}` });
  expect(parseAnyReference(`sha256:${digits}`)).toEqual({ kind: 'id', id: `sha256:${digits}` });
  expect(parseAnyReference('sha256:abc').kind).toBe('named');
});

test('a repository and a tag become one reference', () => {
  const text = (repository: string, tag: string): string | undefined => {
    const reference = repositoryAndTag(repository, tag);
    return reference === undefined ? undefined : familiarText(reference);
  };
  expect([text('', 'x'), text('a', ''), text('a:1', ''), text('a:1', '2')]).toEqual([
    undefined,
    'a:latest',
    'a:1',
    'a:2',
  ]);
  expect(() => text('a', '-')).toThrow('invalid tag format');
  expect(() => text(`a@sha256:${digits}`, '')).toThrow('cannot import digest reference');
});

describe('for every name', () => {
  const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
  const part = fc
    .tuple(word, fc.constantFrom('.', '_', '__', '-', '---'), word)
    .map(parts => parts.join(''));
  const path = fc
    .array(fc.oneof(word, part), { minLength: 1, maxLength: 4 })
    .map(parts => parts.join('/'));
  const domain = fc.constantFrom('', 'localhost/', 'a.b/', 'A/', 'x:1/', 'docker.io/', 'h.x:50/');
  const tag = fc.oneof(
    fc.constant(''),
    fc.stringMatching(/^[\w][\w.-]{0,20}$/).map(text => `:${text}`),
  );
  const digest = fc.constantFrom('', `@sha256:${digits}`);
  const name = fc.tuple(domain, path, tag, digest).map(parts => parts.join(''));

  test('the familiar and the full text mean the same', () => {
    fc.assert(
      fc.property(name, text => {
        const parsed = parseReference(text);
        expect(parseReference(fullText(parsed))).toEqual(parsed);
        expect(parseReference(familiarText(parsed))).toEqual(parsed);
        expect(familiarName(withDefaultTag(parsed))).toBe(familiarName(parsed));
      }),
    );
  });

  test('and any other text is refused, or means itself, and never leads anywhere', () => {
    const piece = fc.constantFrom(
      'a',
      'Z',
      '/',
      ':',
      '@',
      '.',
      '..',
      '-',
      '_',
      '%2F',
      '\0',
      ' ',
      '[',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map(parts => parts.join('')),
        ),
        text => {
          const told = refusal(text);
          if (!told.startsWith('taken: ')) return;
          const full = told.slice(7);
          expect(fullText(parseReference(full))).toBe(full);
          // A tag may hold two dots in a row, as in `a:a..`; a name may not.
          expect(full.replace(/:[^/]*$/, '')).not.toMatch(/\.\./);
          expect(full).not.toMatch(/[/:]\.|\/\/|[\0\s%]/);
        },
      ),
      { numRuns: 2000 },
    );
  });
});
