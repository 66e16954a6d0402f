/** The grammar of volumes: what is understood, and what is refused by which words. */
import { assert, property, stringMatching, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { arrange } from './arrange.ts';
import { parseDashMount } from './dash-mount.ts';
import { parseDashV } from './dash-v.ts';
import type { MountRequest } from './mount-request.ts';
import { parseDashTmpfs } from './tmpfs.ts';

const dashV = (text: string): MountRequest => parseDashV(text, '/here');
const dashMount = (text: string): MountRequest => parseDashMount(text, '/here');

test('a path is a bind, a name is a volume, nothing is a volume without a name', () => {
  expect(dashV('/home:/test')).toEqual({
    type: 'bind',
    source: '/home',
    target: '/test',
    asked: '-v /home:/test',
    readOnly: false,
    spread: { kind: 'private', recursive: true },
    recursive: true,
    makeSource: true,
  });
  expect(dashV('data:/var/lib//data/:ro,nocopy')).toEqual({
    type: 'volume',
    name: 'data',
    target: '/var/lib/data',
    asked: '-v data:/var/lib//data/:ro,nocopy',
    readOnly: true,
    copy: false,
  });
  expect(dashV('/data')).toMatchObject({ type: 'volume', name: undefined });
  expect(dashV('./src:/src')).toMatchObject({ source: '/here/src' });
  expect(dashV('..:/src')).toMatchObject({ source: '/' });
});

test('every option of -v has its meaning, and labels have none here', () => {
  expect(dashV('/a:/b:ro,z,rslave,cached')).toMatchObject({
    readOnly: true,
    spread: { kind: 'slave', recursive: true },
  });
  expect(dashV('/a:/b:shared')).toMatchObject({
    spread: { kind: 'shared', recursive: false },
  });
  expect(dashV('/a:/b:idmap=1000-0-1#5-5-9')).toMatchObject({
    owners: [
      { inside: 1000, outside: 0, count: 1 },
      { inside: 5, outside: 5, count: 9 },
    ],
  });
});

test('--mount says the same at length', () => {
  const same = [
    ['/a:/b:ro', 'type=bind,src=/a,dst=/b,ro,bind-create-src'],
    ['/a:/b', 'type=bind,source=/a,target=/b,readonly=false,bind-create-src'],
    ['/a,b:/b', '"source=/a,b",type=bind,destination=/b,bind-create-src=1'],
    ['data:/b:nocopy', 'source=data,target=/b,volume-nocopy'],
    ['/b', 'target=/b'],
  ] as const;
  for (const [short, long] of same) {
    expect({ ...dashMount(long), asked: '' }).toEqual({ ...dashV(short), asked: '' });
  }
  expect(
    dashMount('type=bind,src=/a,dst=/b,bind-nonrecursive,bind-propagation=rshared'),
  ).toMatchObject({ recursive: false, makeSource: false, spread: { kind: 'shared' } });
});

test('memory has a size and a mode, and is closed unless told otherwise', () => {
  expect(parseDashTmpfs('/run')).toMatchObject({
    flags: ['nosuid', 'nodev', 'noexec'],
    data: '',
  });
  expect(parseDashTmpfs('/run:exec,size=64m,mode=1777,ro')).toMatchObject({
    flags: ['nosuid', 'nodev', 'ro'],
    data: 'size=64m,mode=1777',
  });
  expect(dashMount('type=tmpfs,dst=/run,tmpfs-size=1m,tmpfs-mode=700')).toMatchObject({
    target: '/run',
    data: 'size=1048576,mode=700',
  });
});

function refusalOf(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'no refusal';
}

test('what -v cannot be is refused by name', () => {
  const wrong = [
    ...[
      '',
      ':',
      ':/b',
      '/a:',
      '/a:/b:',
      '/a:b',
      '/b:ro',
      '/a:/b:c:d',
      '/a:/',
      '/a:/x/..',
    ],
    ...['/a:/proc', '/a:/proc/sys', '/a:/b:rw,ro', '/a:/b:banana', 'a:/b', 'a/b:/b'],
    ...[
      '-x:/b',
      'data:/b:rslave',
      '/a:/b:nocopy',
      '/a:/b:idmap=1',
      '/a:/b:idmap=1-2-0',
    ],
    ...['/a:/b:private,shared', '/a:/b:,ro'],
  ];
  expect(wrong.map(text => refusalOf(() => dashV(text)))).toMatchSnapshot();
});

test('what --mount cannot be is refused by name', () => {
  const wrong = [
    ...['', 'bind', 'type=bind,dst=/b', 'type=bind,src=/a', 'type=nfs,dst=/b'],
    ...['type=bind,src=/a,dst=b', 'type=bind,src=/a,dst=/b,dst=/c', 'src=/a,dst=/b'],
    ...['type=bind,src=/a,dst=/b,color=red', 'type=bind,src=/a,dst=/b,ro=maybe'],
    ...['type=bind,src=/a,dst=/b,volume-nocopy', 'type=tmpfs,src=/a,dst=/b'],
    ...['type=tmpfs,dst=/b,tmpfs-size=x', 'type=tmpfs,dst=/b,tmpfs-mode=8'],
    ...[
      'type=bind,src=/a,dst=/b,bind-propagation=x',
      'type=bind,src,dst=/b',
      'a=",dst=/b',
    ],
  ];
  expect(wrong.map(text => refusalOf(() => dashMount(text)))).toMatchSnapshot();
});

test('what --tmpfs cannot be is refused by name', () => {
  const wrong = [
    'run',
    '/',
    '/run:size=-1',
    '/run:mode=9',
    '/run:huge=1',
    '/run:x',
    '/a:b:c',
  ];
  expect(wrong.map(text => refusalOf(() => parseDashTmpfs(text)))).toMatchSnapshot();
});

test('outer targets come first, whatever the order', () => {
  const list = ['/z/a/b', '/z', '/a', '/z/a'].map(target => dashV(`data:${target}`));
  expect(arrange(list).map(({ target }) => target)).toEqual([
    '/z',
    '/a',
    '/z/a',
    '/z/a/b',
  ]);
});

test('two mounts on one target are refused, an inherited one gives way', () => {
  const [one, two] = [dashV('data:/x'), dashV('/a:/x/')];
  expect(refusalOf(() => arrange([one, two]))).toBe(
    '-v /a:/x/: -v data:/x is on /x already',
  );
  expect(arrange([two], [one])).toEqual([two]);
  expect(arrange([], [one, two])).toEqual([two]);
});

/** Nothing if a target came out, else the refusal. */
function outcomeOf(make: () => MountRequest): string {
  return refusalOf(() => {
    const { target } = make();
    const isPlace = /^\/[^/]/.test(target) && !target.split('/').includes('..');
    throw new Error(isPlace ? '--place taken' : `${target} was taken`);
  });
}

test('any text is either refused by name or has an absolute target that is no root', () => {
  const piece = stringMatching(/^[a-z./:,=\0 -]{0,12}$/);
  assert(
    property(tuple(piece, piece), ([a, b]) => {
      for (const read of [dashV, dashMount, parseDashTmpfs]) {
        for (const text of [`${a}:${b}`, a, `type=bind,src=${a},dst=${b}`]) {
          expect(outcomeOf(() => read(text))).toMatch(/^(-v|--mount|--tmpfs|--place) /);
        }
      }
    }),
  );
});
