import { expect, test } from 'vitest';
import { directions } from './directions.ts';
import { planted } from './planted.ts';

const manifest = (name: string): string => JSON.stringify({ name, exports: { '.': './index.ts' } });

const packages = {
  'native/package.json': manifest('@slipway/native'),
  'workshop/lab/package.json': manifest('@slipway/lab'),
  'chapters/01-namespaces/package.json': manifest('@slipway/namespaces'),
  'chapters/02-cgroups/package.json': manifest('@slipway/cgroups'),
};

function found(file: string, source: string): readonly string[] {
  using tree = planted({ ...packages, [file]: source });
  return directions.run(tree.root);
}

test('a chapter may import what lies below it', () => {
  const source = `
    import { spawn } from '@slipway/native';
    import type { Lab } from '@slipway/lab';
    import { enter } from '@slipway/namespaces/enter.ts';
    export { spawn, enter, type Lab };`;
  expect(found('chapters/02-cgroups/group.ts', source)).toEqual([]);
});

test.for([
  ['an earlier chapter', 'chapters/01-namespaces/a.ts', `import { g } from '@slipway/cgroups';`],
  ['native', 'native/a.ts', `import type { Enter } from '../chapters/01-namespaces/enter.ts';`],
  ['the lab', 'workshop/lab/a.ts', `export { spawn } from '@slipway/native';`],
  ['final', 'final/daemon/a.ts', `const doctor = await import('../../workshop/doctor.ts');`],
] as const)('%s may not import what lies above it', ([, file, source]) => {
  const findings = found(file, source);
  expect(findings).toHaveLength(1);
  expect(findings[0]).toContain('is above');
});

test('final reaches the chapters through one door', () => {
  const source = `import { group } from '@slipway/cgroups';`;
  expect(found('final/libcontainer/cgroups.ts', source)).toEqual([]);
  expect(found('final/daemon/start.ts', source)).toEqual([
    'final/daemon/start.ts imports chapters/02-cgroups/index.ts: ' +
      'final reaches the chapters through final/libcontainer/ only',
  ]);
});

test('a circle of imports is named, also one of types; a late import makes none', () => {
  const circle = {
    'native/a.ts': `export { b } from './b.ts';`,
    'native/b.ts': `import type { C } from './c.ts'; export const b: C = 1;`,
    'native/c.ts': `import './a.ts'; export type C = number;`,
    'native/late.ts': `export const later = () => import('./a.ts'); import './of-late.ts';`,
    'native/of-late.ts': `export { later } from './late.ts';`,
  };
  using tree = planted({ ...packages, ...circle });
  expect(directions.run(tree.root)).toEqual([
    'native/a.ts imports native/b.ts imports native/c.ts imports native/a.ts: a circle',
    'native/late.ts imports native/of-late.ts imports native/late.ts: a circle',
  ]);
  using open = planted({ ...circle, 'native/of-late.ts': 'export const nothing = 0;' });
  expect(directions.run(open.root)).toHaveLength(1);
});
