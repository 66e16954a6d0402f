// A daemon that starts a container and is killed: for restore.test.ts.
//
//     tsx start-and-die.fixture.ts FOLDER ID SCRIPT
//
// FOLDER holds `rootfs` and, with SPEC, the configuration; the pid goes to standard output.

import { readFileSync, writeSync } from 'node:fs';
import { cloneTree, newNetwork } from '@slipway/native';
import { raiseLoopback } from '../../libcontainer/network.ts';
import { parseSpec } from '../../libcontainer/spec.ts';
import { nativeDriver } from './native.ts';

const [folder = '', id = ''] = process.argv.slice(2);
const spec = parseSpec(JSON.parse(readFileSync(`${folder}/config.json`, 'utf8')));
const own = cloneTree(`${folder}/rootfs`);
const root = cloneTree(`${folder}/rootfs`);
const network = await newNetwork();
raiseLoopback(network);
const running = await nativeDriver({ keepsHome: false }).start({
  ...{ id, folder, spec, mounts: [], stdin: false, log: { folder, file: 'log' } },
  root: { descriptor: root.descriptor, own: own.descriptor },
  network: { mode: 'prepared', namespace: network.descriptor },
});
writeSync(1, `${running.pid}\n`);
process.kill(process.pid, 'SIGKILL');
