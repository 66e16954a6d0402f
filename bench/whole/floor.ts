/**
 * The floor program with a whole container: everything that it needs, as options of it.
 *
 *   floor.ts FLOOR ROOTFS PROGRAM none | bridge [engine]
 *
 * With `engine` it makes the calls of the engine's container, else those of chapter 06's.
 * The same stage is raised as for Slipway; then the floor program has standard input and output.
 * What that one leaves out is what it does not need: a book of leases, the claim on a layer, a
 * socket that keeps the published port, a namespace that somebody else has made.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { addressesOf, networkFiles } from '@slipway/network';
import { usualFiles } from '@slipway/unionfs';
import { allLimits, birthOptions, groupOptions, stepOptions } from '../floor-options.ts';
import { engineSteps } from './engine-steps.ts';
import { endpointOn, networkOptions } from './floor-network.ts';
import { wholeRequest } from './request.ts';
import { raiseStage, type Stage } from './stage.ts';

const [floor = '', rootfs = '', program = '', network = '', whose = ''] = process.argv.slice(2);
const names = ['/etc/hosts', '/etc/hostname', '/etc/resolv.conf'];
const volume = '/data';
await using stage = await raiseStage(rootfs);
const child = spawn(floor, [...options(stage), '--', program], { stdio: 'inherit' });
const [status] = await once(child, 'exit');
process.exitCode = status === 0 ? 0 : 1;

function options(on: Stage): readonly string[] {
  const endpoint = endpointOn();
  const naming = { hostname: 'box', extraHosts: [], nameservers: [], search: [] };
  const texts = networkFiles({ ...naming, ips: addressesOf(endpoint) });
  const groups = groupOptions(allLimits(), `slipway-floor-${process.pid}`);
  const { namespaces, options: steps } = whose === 'engine' ? engines(groups) : chapters();
  return [
    ...layerOptions(on),
    ...names.map(name => `--text=${texts.get(name)}`),
    `--volume=${on.folder}/volumes/data`,
    ...birthOptions(namespaces, groups),
    ...(network === 'none' ? [] : networkOptions(endpoint)),
    ...steps,
  ];
}

function engines(groups: readonly string[]): ReturnType<typeof engineSteps> {
  const made = groups.flatMap(option => /^--group=(.*)/.exec(option)?.[1] ?? []);
  return engineSteps({ targets: [...names, volume], groups: made });
}

function chapters() {
  const { namespaces = [], program: steps } = wholeRequest({
    root: 0,
    files: names.map((target, index) => ({ target, descriptor: 1 + index })),
    volumes: [{ target: volume, descriptor: 1 + names.length }],
  });
  return { namespaces, options: steps.slice(0, -1).flatMap(one => stepOptions(one, 'opened')) };
}

/** The init layer and the container's own, as chapter 04 lays them out, and all as one mount. */
function layerOptions({ store, image, folder }: Stage): readonly string[] {
  const home = `${folder}/images/overlay`;
  const [own, init] = [`${home}/floor`, `${home}/floor-init`];
  const files = usualFiles('floor', '');
  const lower = [`${init}/diff`, ...image.layers.map(id => `${home}/${id}/diff`).toReversed()];
  if (image.layers.some(id => !store.driver.exists(id))) throw new Error(`${home} has no layers`);
  return [
    ...[init, `${init}/diff`, `${init}/diff/etc`].map(path => `--folder=${path}`),
    `--file=${init}/diff/etc/hostname=${files.hostname}`,
    `--file=${init}/diff/etc/hosts=${files.hosts}`,
    `--file=${init}/diff/etc/resolv.conf=${files.resolver}`,
    ...[own, `${own}/diff`, `${own}/work`].map(path => `--folder=${path}`),
    `--overlay=${own}/diff,${own}/work,${lower.join(':')}`,
  ];
}
