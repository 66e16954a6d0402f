/** Writing beneath a folder that is full of traps. */
import { scratchFolder } from '@slipway/lab';
import { check, type CheckContext } from '@slipway/lab/check.ts';
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { expect } from 'vitest';
import { Beneath, HostilePath } from './beneath.ts';

interface Place {
  readonly beneath: Beneath;
  readonly folder: string;
  readonly outside: string;
}

async function trapped(
  context: CheckContext,
  body: (place: Place) => void,
): Promise<void> {
  const { path } = context.hold(scratchFolder());
  const [folder, outside] = [`${path}/root`, `${path}/outside`];
  mkdirSync(folder);
  mkdirSync(outside);
  writeFileSync(`${outside}/canary`, 'alive');
  body({ beneath: context.hold(Beneath.open(folder)), folder, outside });
  expect(readFileSync(`${outside}/canary`, 'utf8')).toBe('alive');
}

function write(beneath: Beneath, path: string, text: string, mode = 0o644): void {
  const descriptor = beneath.makeFile(path, { mode });
  writeSync(descriptor, text);
  closeSync(descriptor);
}

check('files, folders and links are made with their modes', context =>
  trapped(context, place => {
    const { beneath, folder } = place;
    write(beneath, 'a/b/file', 'text', 0o4755);
    beneath.makeFolder('a', { mode: 0o1777 });
    beneath.makeLink('a/link', '/b/file');
    beneath.makeHardLink('twin', 'a/b/file');
    expect(lstatSync(`${folder}/a/b/file`).mode & 0o7777).toBe(0o4755);
    expect(lstatSync(`${folder}/a`).mode & 0o7777).toBe(0o1777);
    expect(readlinkSync(`${folder}/a/link`)).toBe('/b/file');
    expect(lstatSync(`${folder}/twin`).nlink).toBe(2);
  }),
);

check('a leading slash is the folder itself', context =>
  trapped(context, ({ beneath, folder }) => {
    write(beneath, '/etc/slipway-absolute', 'x');
    expect(existsSync(`${folder}/etc/slipway-absolute`)).toBe(true);
    expect(existsSync('/etc/slipway-absolute')).toBe(false);
  }),
);

check('.. is refused wherever it stands', context =>
  trapped(context, ({ beneath }) => {
    for (const path of ['../canary', 'a/../../canary', '..', 'a/..']) {
      expect(() => beneath.makeFile(path, { mode: 0o644 })).toThrow(HostilePath);
      expect(() => beneath.makeLink(path, 'x')).toThrow(HostilePath);
      expect(() => beneath.makeFolder(path, { mode: 0o755 })).toThrow(HostilePath);
      expect(() => beneath.makeHardLink('x', path)).toThrow(HostilePath);
    }
  }),
);

check('nothing is made or named through a link', context =>
  trapped(context, place => {
    const { beneath, folder, outside } = place;
    symlinkSync(outside, `${folder}/door`);
    symlinkSync('../outside', `${folder}/side-door`);
    for (const door of ['door', 'side-door']) {
      const canary = `${door}/canary`;
      expect(() => beneath.makeFile(canary, { mode: 0o644 })).toThrow(HostilePath);
      expect(() => beneath.makeLink(`${door}/new`, 'x')).toThrow(HostilePath);
      expect(() => beneath.makeFolder(door, { mode: 0o777 })).toThrow(HostilePath);
      expect(() => beneath.makeHardLink('stolen', canary)).toThrow(HostilePath);
    }
  }),
);

check(
  'a file takes the place of a link instead of writing to where it leads',
  context =>
    trapped(context, place => {
      const { beneath, folder, outside } = place;
      symlinkSync(`${outside}/canary`, `${folder}/file`);
      write(beneath, 'file', 'mine');
      expect(lstatSync(`${folder}/file`).isFile()).toBe(true);
    }),
);

check('a hard link to a link names the link, not the file outside', context =>
  trapped(context, place => {
    const { beneath, folder, outside } = place;
    symlinkSync(`${outside}/canary`, `${folder}/link`);
    beneath.makeHardLink('second', 'link');
    expect(lstatSync(`${folder}/second`).isSymbolicLink()).toBe(true);
  }),
);

check('a folder is not replaced by a file', context =>
  trapped(context, ({ beneath, folder }) => {
    mkdirSync(`${folder}/there`);
    expect(() => beneath.makeFile('there', { mode: 0o644 })).toThrow(
      '"there" is refused: a folder has that name',
    );
  }),
);
