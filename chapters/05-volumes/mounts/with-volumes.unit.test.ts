/** Volumes as lines of a program: where they stand, and what they are. */
import { containerRequest } from '@slipway/namespaces';
import { checkProgram, explainProgram, step, type SpawnRequest } from '@slipway/native';
import { withRoot } from '@slipway/rootfs';
import { expect, test } from 'vitest';
import { plannedRequest } from '../runtime/request-with-volumes.ts';
import { imageVolumes } from '../runtime/request-with-volumes.ts';
import { parseDashV } from '../wish/dash-v.ts';
import { parseDashTmpfs } from '../wish/tmpfs.ts';
import { withVolumes } from './with-volumes.ts';

function rooted(readOnly: boolean): SpawnRequest {
  const plain = containerRequest({
    namespaces: ['mount', 'pid'],
    argv: ['sh'],
    env: [],
  });
  return withRoot(plain, { descriptor: 9, readOnly });
}

const mounts = [
  { target: '/a', descriptor: 20 },
  { target: '/m', flags: ['nosuid'], data: 'size=1m' },
  { target: '/a/b', descriptor: 21 },
] as const;

test('they stand behind all that is the root’s own, before it is frozen and entered', () => {
  const { program } = withVolumes(rooted(true), mounts);
  const calls = program.map(({ call }) => call);
  const at = calls.indexOf('protectPaths');
  expect(calls.slice(at, at + 6)).toEqual([
    ...['protectPaths', 'attach', 'mount', 'attach', 'makeRootReadOnly', 'pivotRoot'],
  ]);
});

test('each descriptor is handed over, behind those that the request has', () => {
  const request = withVolumes(rooted(false), mounts);
  expect(request.descriptors).toEqual([9, 20, 21]);
  expect(request.program).toContainEqual(step.attach(1, '/a'));
  expect(request.program).toContainEqual(step.attach(2, '/a/b'));
});

test('the program with volumes breaks no rule of order', () => {
  const {
    program,
    namespaces = [],
    descriptors = [],
  } = withVolumes(rooted(true), mounts);
  const descriptorCount = descriptors.length;
  expect(checkProgram({ program, namespaces, descriptorCount })).toEqual([]);
});

test('without a root of their own they are refused', () => {
  const plain = containerRequest({ namespaces: ['mount'], argv: ['sh'], env: [] });
  expect(() => withVolumes(plain, mounts)).toThrow('a root of their own');
  const wish = [parseDashV('/a:/b', '/')];
  expect(() => plannedRequest(plain, wish)).toThrow(
    /-v \/a:\/b: .*add --image or --rootfs/,
  );
});

test('--explain shows them, in the order of mounting', () => {
  const wish = [parseDashV('/a:/b', '/'), parseDashTmpfs('/m:mode=700')];
  const lines = explainProgram(plannedRequest(rooted(false), wish)).map(
    ({ code }) => code,
  );
  expect(
    lines.slice(-4, -2).concat(lines.filter(one => one.includes('"/m"'))),
  ).toContain(
    'mount("tmpfs", "/m", "tmpfs", MS_NOSUID|MS_NODEV|MS_NOEXEC, "mode=700")',
  );
  expect(lines).toContain('move_mount(descriptor 1, "/b")');
});

test('what an image declares is a volume without a name, unless somebody took it', () => {
  const own = parseDashV('/home:/data', '/');
  const all = imageVolumes({ '/data/': {}, '/other': {} }, [own]);
  expect(all.map(({ target, asked }) => [target, asked])).toEqual([
    ['/data', '-v /home:/data'],
    ['/other', 'VOLUME /other of the image'],
  ]);
  expect(imageVolumes(null, [own])).toEqual([own]);
  expect(() => imageVolumes({ data: {} }, [])).toThrow('VOLUME data of the image');
});
