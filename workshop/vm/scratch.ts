/**
 * What one boot leaves on the host while it lasts: a folder and a QEMU process, both in the ledger.
 *
 * - openScratch()      a new folder; `await using` removes it
 * - scratch.signal     aborted, with the reason, by Ctrl-C and its like
 * - scratch.mark       NAME, VALUE for QEMU's environment, by which `npm run clean` finds it
 *
 *     initramfs.cpio  disk.img (sparse)  console.log      read and written by QEMU
 *     exchange/       output  status  outcome.json        the writable share: what comes back
 *
 * Invariant: both are written into the ledger before they exist, so `kill -9` of a test run leaves
 * nothing that `npm run clean` cannot undo.
 */
import { randomUUID } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { record, settle } from '@slipway/lab/ledger.ts';

const interrupting = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export interface Scratch extends AsyncDisposable {
  readonly folder: string;
  readonly exchange: string;
  readonly mark: readonly [name: string, value: string];
  readonly signal: AbortSignal;
}

export async function openScratch(): Promise<Scratch> {
  const id = randomUUID();
  const folder = join(realpathSync(tmpdir()), `slipway-vm-${id}`);
  const mark = ['SLIPWAY_VM', id] as const;
  const entries = [
    record({ kind: 'directory', target: folder }),
    record({ kind: 'marked-processes', target: mark.join('=') }),
  ];
  const controller = new AbortController();
  let received: NodeJS.Signals | undefined;
  const interrupt = (name: NodeJS.Signals): void => {
    received ??= name;
    controller.abort(`interrupted by ${name}`);
  };
  for (const name of interrupting) process.on(name, interrupt);
  const exchange = join(folder, 'exchange');
  await mkdir(exchange, { recursive: true, mode: 0o700 });
  return {
    folder,
    exchange,
    mark,
    signal: controller.signal,
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
      for (const entry of entries) settle(entry);
      for (const name of interrupting) process.off(name, interrupt);
      // It may come several times (npm and tsx pass on what the terminal sent to all). Only now,
      // with everything put away, does it do to this process what it does to any other.
      if (received !== undefined) process.kill(process.pid, received);
    },
  };
}
