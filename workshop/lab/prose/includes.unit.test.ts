import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { written, type Written } from '../check/written.ts';
import { checkIncludes, renderIncludes } from './includes.ts';

const source = `function sum(): number {
  // #region body
  if (a) {
    return b;
  }
  // #endregion
  // #region shows
  // #hole more: Add.
  return c;
  // #instead
  // #endhole
  // #endregion
}
`;

const fence = '```';

function chapter(region: string, code: string): Written {
  const readme = `Text.\n\n- ${fence}ts file=a.ts#${region}\n${code}  ${fence}\n\nMore.\n`;
  return written({ 'a.ts': source, 'README.md': readme });
}

function found(place: Written): string {
  const findings = checkIncludes(join(place.folder, 'README.md'));
  return findings.join('\n').replaceAll(`${place.folder}/`, '');
}

test('code that is as in the source is fine', () => {
  using place = chapter('body', '  if (a) {\n    return b;\n  }\n');
  expect(found(place)).toBe('');
});

test('code that is not as in the source is found, with both lines', () => {
  using place = chapter('body', '  if (a) {\n    return a;\n  }\n');
  expect(found(place)).toBe('README.md:5: a.ts#body has "  return b;", the prose "  return a;"');
});

test('code that has a line too few or too many is found', () => {
  using few = chapter('body', '  if (a) {\n');
  expect(found(few)).toBe('README.md:5: a.ts#body has "  return b;", the prose "nothing more"');
  using many = chapter('body', '  if (a) {\n    return b;\n  }\n  more();\n');
  expect(found(many)).toBe('README.md:7: a.ts#body has "nothing more", the prose "more();"');
});

test('what cannot be included is found', () => {
  using gone = chapter('gone', '');
  expect(found(gone)).toBe('README.md:3: a.ts has no region gone: it has body, shows');
  using solution = chapter('shows', '');
  expect(found(solution)).toBe('README.md:3: a.ts:8: the region shows would show the hole more');
  using hole = chapter('more', '');
  expect(found(hole)).toBe('README.md:3: a.ts: more is a hole: prose never shows a solution');
  using absent = written({ 'README.md': `${fence}ts file=b.ts#a\n${fence}\n` });
  expect(found(absent)).toContain('README.md:1: ENOENT');
});

test('rendering writes the code of the source, and is content with itself', () => {
  using place = chapter('body', '  old();\n');
  const file = join(place.folder, 'README.md');
  const rendered = renderIncludes(file);
  expect(rendered).toBe(
    `Text.\n\n- ${fence}ts file=a.ts#body\n  if (a) {\n    return b;\n  }\n  ${fence}\n\nMore.\n`,
  );
  writeFileSync(file, rendered);
  expect(checkIncludes(file)).toEqual([]);
  expect(renderIncludes(file)).toBe(readFileSync(file, 'utf8'));
});
