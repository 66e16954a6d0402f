/** The grammar of volumes: what is understood, and what is refused by which words. */
import fc from 'fast-check';
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
  expect(wrong.map(text => refusalOf(() => dashV(text)))).toMatchInlineSnapshot(`
    [
      "-v : it has no target: write the path inside",
      "-v :: there is no source before the colon",
      "-v :/b: there is no source before the colon",
      "-v /a:: it has no target: write the path inside",
      "-v /a:/b:: there is no option behind the last colon",
      "-v /a:b: the target b is relative: it has to begin with /",
      "-v /b:ro: without a source there are no options: write NAME:/b:ro",
      "-v /a:/b:c:d: it has too many colons: [SOURCE:]TARGET[:OPTIONS]",
      "-v /a:/: the target / is the root itself: take a folder in it",
      "-v /a:/x/..: the target / is the root itself: take a folder in it",
      "-v /a:/proc: the target /proc is inside /proc, where the kernel answers",
      "-v /a:/proc/sys: the target /proc/sys is inside /proc, where the kernel answers",
      "-v /a:/b:rw,ro: rw and ro are two answers to one",
      "-v /a:/b:banana: unknown option "banana"",
      "-v a:/b: "a" is no name of a volume (two or more of a-z A-Z 0-9 _ . -, the first a letter or digit); for a folder of this machine write its path with / or ./ first",
      "-v a/b:/b: "a/b" is no name of a volume (two or more of a-z A-Z 0-9 _ . -, the first a letter or digit); for a folder of this machine write its path with / or ./ first",
      "-v -x:/b: "-x" is no name of a volume (two or more of a-z A-Z 0-9 _ . -, the first a letter or digit); for a folder of this machine write its path with / or ./ first",
      "-v data:/b:rslave: propagation is for folders: nobody else mounts in a volume",
      "-v /a:/b:nocopy: nocopy is for volumes: nothing is copied into a folder of yours",
      "-v /a:/b:idmap=1: idmap wants DISK-SEEN-COUNT, as in 1000-0-1, not 1",
      "-v /a:/b:idmap=1-2-0: the map 1:2:0 leaves the range of ids, 0 to 4294967294",
      "-v /a:/b:private,shared: private and shared are two answers to one",
      "-v /a:/b:,ro: unknown option """,
    ]
  `);
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
  expect(wrong.map(text => refusalOf(() => dashMount(text)))).toMatchInlineSnapshot(`
    [
      "--mount : it is no list of KEY=VALUE, separated by commas",
      "--mount bind: unknown key "bind"",
      "--mount type=bind,dst=/b: a bind has no meaning without a source",
      "--mount type=bind,src=/a: it has no target: write the path inside",
      "--mount type=nfs,dst=/b: there is no type "nfs": bind, volume or tmpfs",
      "--mount type=bind,src=/a,dst=b: the target b is relative: it has to begin with /",
      "--mount type=bind,src=/a,dst=/b,dst=/c: target stands there twice",
      "--mount src=/a,dst=/b: "/a" is no name of a volume (two or more of a-z A-Z 0-9 _ . -, the first a letter or digit); for a folder of this machine write its path with / or ./ first",
      "--mount type=bind,src=/a,dst=/b,color=red: unknown key "color"",
      "--mount type=bind,src=/a,dst=/b,ro=maybe: readonly is true or false, not "maybe"",
      "--mount type=bind,src=/a,dst=/b,volume-nocopy: volume-nocopy is not for a mount of type bind",
      "--mount type=tmpfs,src=/a,dst=/b: a tmpfs has no source: it is memory",
      "--mount type=tmpfs,dst=/b,tmpfs-size=x: "x" is not a size: write a number and b, k, m, g or t, as in 512k, 64m, 1.5g",
      "--mount type=tmpfs,dst=/b,tmpfs-mode=8: mode cannot be "8": ^[0-7]{3,4}$",
      "--mount type=bind,src=/a,dst=/b,bind-propagation=x: there is no propagation x",
      "--mount type=bind,src,dst=/b: src has no value: write src=…",
      "--mount a=",dst=/b: it is no list of KEY=VALUE, separated by commas",
    ]
  `);
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
  expect(wrong.map(text => refusalOf(() => parseDashTmpfs(text))))
    .toMatchInlineSnapshot(`
    [
      "--tmpfs run: the target run is relative: it has to begin with /",
      "--tmpfs /: the target / is the root itself: take a folder in it",
      "--tmpfs /run:size=-1: size cannot be "-1": ^\\d+[kmg%]?$",
      "--tmpfs /run:mode=9: mode cannot be "9": ^[0-7]{3,4}$",
      "--tmpfs /run:huge=1: unknown option "huge"",
      "--tmpfs /run:x: unknown option "x"",
      "--tmpfs /a:b:c: it has too many colons: TARGET[:OPTIONS]",
    ]
  `);
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

test('any text is either refused by name or has an absolute target that is no root', () => {
  const piece = fc.stringMatching(/^[a-z./:,=\0 -]{0,12}$/);
  fc.assert(
    fc.property(fc.tuple(piece, piece), ([a, b]) => {
      for (const read of [dashV, dashMount, parseDashTmpfs]) {
        for (const text of [`${a}:${b}`, a, `type=bind,src=${a},dst=${b}`]) {
          const why = refusalOf(() => {
            const { target } = read(text);
            expect(target).toMatch(/^\/[^/]/);
            expect(target.split('/')).not.toContain('..');
          });
          if (why !== 'no refusal') expect(why).toMatch(/^(-v|--mount|--tmpfs) /);
        }
      }
    }),
  );
});
