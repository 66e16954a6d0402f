/**
 * An image of one layer, 209 MB in 12,000 files: loaded, saved, exported, committed, over the API.
 *
 * GNU tar extracts the same layer, and makes an archive of the same files, in the same rounds. The
 * trees of all rounds stay until the end: ext4 does not hand an inode out again for some minutes.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { saveOf } from '../../../final/graph/testing/graph.fixture.ts';
import { makeTree } from '../../tree.ts';
import { exchange } from './exchange.ts';
import { processorSeconds, tar, timed, type Group, type Stage } from './stage.ts';
import type { Row } from './row.ts';

const columns = {
  tarExtract: 'GNU tar extracts it',
  load: 'load',
  loadProcessor: 'load: processor time of the daemon',
  tarCreate: 'GNU tar packs it, to sha256sum',
  save: 'save',
  export: 'export',
  commit: 'commit',
} as const;

type Column = keyof typeof columns;

const budgets: Partial<Record<Column, number>> = { load: 0.6, save: 0.35, export: 0.35, commit: 1 };

export const images: Group = {
  title: 'An image of one layer: 209 MB, 12,000 files',
  run: async stage => {
    makeArchives(stage);
    const times: Partial<Record<Column, number[]>> = {};
    for (let round = -1; round < stage.rounds; round += 1) {
      const note = (column: Column, seconds: number): void => {
        if (round >= 0) (times[column] ??= []).push(seconds);
      };
      await oneRound(stage, round, note);
    }
    return Object.entries(columns).map(([column, name]): Row => {
      const key = column as Column;
      return { name, unit: 's', figures: times[key] ?? [], budget: budgets[key] };
    });
  },
};

/** Each round another layer: the same twice would be there already. */
export function makeArchives({ place, rounds }: Stage): void {
  mkdirSync(`${place}/tree`);
  makeTree(`${place}/tree`);
  for (let round = -1; round < rounds; round += 1) {
    writeFileSync(`${place}/tree/round`, `${round}`);
    tar('--format=posix', '--sort=name', '-cf', `${place}/layer.tar`, '-C', `${place}/tree`, '.');
    const layer = readFileSync(`${place}/layer.tar`);
    const { archive } = saveOf(place, [{ name: `big:${round + 1}`, layers: [layer] }]);
    writeFileSync(`${place}/image-${round}.tar`, archive);
  }
}

async function oneRound(
  { engine, place }: Stage,
  round: number,
  note: (column: Column, seconds: number) => void,
): Promise<void> {
  const { socket, api } = engine;
  const name = `big:${round + 1}`;
  const gnu = (): void => {
    mkdirSync(`${place}/gnu-${round}`);
    tar('-xpf', `${place}/layer.tar`, '-C', `${place}/gnu-${round}`);
  };
  const load = async (): Promise<void> => {
    const before = daemonSeconds(engine.pid);
    const file = `${place}/image-${round}.tar`;
    note(
      'load',
      await timed(() => exchange(socket, { method: 'POST', path: '/images/load', file })),
    );
    note('loadProcessor', daemonSeconds(engine.pid) - before);
  };
  if (round % 2 === 0) await load();
  note('tarExtract', await timed(gnu));
  if (round % 2 !== 0) await load();
  note('tarCreate', await timed(() => packWithTar(`${place}/gnu-${round}`)));
  const get = (path: string) => timed(() => exchange(socket, { method: 'GET', path }));
  note('save', await get(`/images/${name}/get`));
  const { Id } = await api.call('POST', '/containers/create', { Image: name, Cmd: ['x'] });
  note('export', await get(`/containers/${Id}/export`));
  await write(engine.socket, `${Id}`, `${place}/layer.tar`);
  const commit = `/commit?container=${Id}&repo=made&tag=${round + 1}`;
  note('commit', await timed(() => exchange(socket, { method: 'POST', path: commit })));
}

/** The container has written all of it, into a folder of its own. */
async function write(socket: string, id: string, layer: string): Promise<void> {
  const path = `/containers/${id}/archive?path=/`;
  await exchange(socket, { method: 'PUT', path, file: layer });
}

/** Into a pipe: GNU tar reads no content at all if it writes to /dev/null itself. */
function packWithTar(tree: string): void {
  const script = 'tar --format=posix --sort=name -cf - -C "$0" . | sha256sum >/dev/null';
  execFileSync('sh', ['-c', script, tree]);
}

function daemonSeconds(pid: number): number {
  return processorSeconds(readFileSync(`/proc/${pid}/stat`, 'latin1'));
}
