// The overlay driver as root of a user namespace uses it: run by overlay.test.ts.
//
// Its only argument is the folder for the layers; what it sees it prints as JSON.
// Nothing here is allowed more than an ordinary user is.

import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { describeFolder } from '@slipway/native';
import { archive, file, folder } from '../tar/archive.fixture.ts';
import { openFolder } from '../layers/unpack/open-folder.ts';
import { inUserNamespace } from '../layers/unpack/user-namespace.ts';
import { overlayDriver } from './overlay.ts';

const graph = overlayDriver(process.argv[2] ?? '');
const layer = archive({ ...file('a', 'x'), mode: 0o4755 }, file('gone', 'x'), {
  name: 'null',
  kind: 'character',
  major: 1,
  minor: 3,
});
const { leftOut } = await graph.applyDiff('base', undefined, [layer]);
const opaque = archive(folder('folder'), file('folder/.wh..wh..opq'));
await graph.applyDiff('opaque', undefined, [opaque]);
await graph.create('box', 'base');
using tree = graph.get('box');
const at = `/proc/self/fd/${tree.descriptor}`;
const before = readdirSync(`${at}/.`);
writeFileSync(`${at}/new`, 'x');
rmSync(`${at}/gone`);
using root = openFolder(graph.layers('opaque', false).folders[0] ?? '');
const seen = {
  inUserNamespace: inUserNamespace(),
  before: before.toSorted(),
  after: readdirSync(`${at}/.`).toSorted(),
  changes: graph.changes('box').map(({ kind, path }) => `${kind} ${path}`),
  mode: (statSync(`${at}/a`).mode & 0o7777).toString(8),
  leftOut,
  attributes: [...describeFolder(root.descriptor, 'folder').xattrs.keys()],
};
process.stdout.write(JSON.stringify(seen));
