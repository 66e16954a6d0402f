/** Real guests. One boot for each world: what is asked of it is asked in one script. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Entry, readLedger, undoAll } from '@slipway/lab/ledger.ts';
import { environOf, listProcesses } from '@slipway/lab/proc/processes.ts';
import { type TestContext, describe, expect, test } from 'vitest';
import { checkout } from './kernel/find-kernel.ts';
import {
  type GuestHost,
  type GuestRequest,
  type GuestResult,
  prepareGuests,
  runInGuest,
} from './guest.ts';
import { Unavailable } from './unavailable.ts';

/** Downloading a kernel, one look at KVM, one slow boot. */
const limitMs = 8 * 60_000;

async function guestHost(context: TestContext): Promise<GuestHost> {
  const host = await prepareGuests();
  if (host instanceof Unavailable) return context.skip(`NOT RUN: ${host.reason}`);
  return host;
}

async function facts(
  host: GuestHost,
  request: Omit<GuestRequest, 'command'> & { readonly questions: readonly string[] },
): Promise<GuestResult & { readonly answers: readonly string[] }> {
  let said = '';
  const command = request.questions.map(question => `echo "$(${question})"`).join('\n');
  const output = (text: string): void => {
    said += text;
  };
  const result = await runInGuest(host, { ...request, runMs: 120_000, command, output });
  if (result.failure !== undefined) throw new Error(`${result.failure}\n${result.console}`);
  return { ...result, answers: said.trimEnd().split('\n') };
}

describe('a guest', () => {
  test(
    "on v2 runs the stock kernel over the host's files, every controller enabled",
    async context => {
      const host = await guestHost(context);
      const planted = `/slipway-planted-${process.pid}`;
      const { status, answers } = await facts(host, {
        world: 'v2',
        questions: [
          'uname -r',
          'cat /sys/fs/cgroup/cgroup.subtree_control',
          'node --version',
          'stat -f -c %T /tmp',
          `echo written > ${planted}; cat ${planted}`,
          'cat /sys/module/apparmor/parameters/enabled',
          'ls -d /sys/kernel/security/apparmor',
          'modprobe dm-thin-pool && modprobe btrfs && grep btrfs /proc/filesystems | tr -d "\\t"',
          'findmnt -no PROPAGATION /',
          'ulimit -H -n',
          'hostname',
        ],
      });
      expect(status).toBe(0);
      expect(answers).toEqual([
        host.kernel.release,
        'cpuset cpu io memory hugetlb pids rdma misc',
        process.version,
        'ext2/ext3',
        'written',
        'Y',
        '/sys/kernel/security/apparmor',
        'btrfs',
        'shared',
        '524288',
        'slipway-guest',
      ]);
      expect(existsSync(planted)).toBe(false);
    },
    limitMs,
  );

  test(
    'on v1 has one hierarchy for each controller, and version 2 without any',
    async context => {
      const host = await guestHost(context);
      const { answers } = await facts(host, {
        world: 'v1',
        questions: [
          'findmnt -rno TARGET -t cgroup | xargs -n 1 basename | sort | xargs',
          'findmnt -rno TARGET -t cgroup2; cat /sys/fs/cgroup/unified/cgroup.controllers',
          'mkdir /sys/fs/cgroup/cpu/box && cat /sys/fs/cgroup/cpu/box/cpu.cfs_period_us',
        ],
      });
      expect(answers).toEqual([
        'blkio cpu cpuacct cpuset devices freezer hugetlb ' +
          'memory misc net_cls net_prio perf_event pids rdma',
        '/sys/fs/cgroup/unified',
        '100000',
      ]);
    },
    limitMs,
  );

  test(
    "gives its command's exit status back and leaves nothing on the host",
    async context => {
      const host = await guestHost(context);
      const result = await runInGuest(host, { world: 'v2', command: 'exit 41', runMs: 60_000 });
      expect(result).toMatchObject({ failure: undefined, status: 41 });
      const mine = (entry: Entry): boolean => entry.owner.pid === process.pid;
      const { open, settled } = readLedger();
      expect(open.filter(mine)).toEqual([]);
      const folders = settled.filter(entry => mine(entry) && entry.thing.kind === 'directory');
      expect(folders.length).toBeGreaterThan(0);
      expect(folders.filter(entry => existsSync(entry.thing.target))).toEqual([]);
    },
    limitMs,
  );

  test(
    'that does not end is ended, and says so',
    async context => {
      const host = await guestHost(context);
      const result = await runInGuest(host, { world: 'v2', command: 'sleep 1000', runMs: 500 });
      expect(result).toMatchObject({
        failure: 'the guest had not ended 0.5 s after it was up',
        status: undefined,
      });
      expect(result.console).toContain('slipway: session');
    },
    limitMs,
  );
});

test('inside a guest there is no second one', async () => {
  const before = process.env['SLIPWAY_GUEST'];
  process.env['SLIPWAY_GUEST'] = 'v2';
  try {
    expect(await prepareGuests()).toEqual(new Unavailable('this is a guest already'));
  } finally {
    if (before === undefined) delete process.env['SLIPWAY_GUEST'];
    else process.env['SLIPWAY_GUEST'] = before;
  }
});

test('the kernel says the version that its package names', async context => {
  const { kernel } = await guestHost(context);
  expect(kernel.image).toContain(`linux-image-${kernel.release}/`);
  expect(readFileSync(kernel.image).includes(kernel.release)).toBe(true);
});

test(
  'after kill -9 of the runner QEMU ends by itself, and the ledger removes the folder',
  async context => {
    await guestHost(context);
    await withRunner(async (runner, path, entries) => {
      runner.kill('SIGKILL');
      await once(runner, 'close');
      await until(() => (entries.filter(isMarked).some(isAlive) ? undefined : true));
      expect(await undoAll({ path })).toMatchObject({ undone: 1, absent: 1, failures: [] });
      expect(entries.filter(entry => existsSync(entry.thing.target))).toEqual([]);
    });
  },
  limitMs,
);

test(
  'an interrupt that comes twice ends the runner by itself, with everything put away',
  async context => {
    await guestHost(context);
    await withRunner(async (runner, path, entries) => {
      const closed = once(runner, 'close');
      runner.kill('SIGTERM');
      await sleep(60);
      runner.kill('SIGTERM');
      expect(await closed).toEqual([null, 'SIGTERM']);
      expect(entries.filter(isMarked).filter(isAlive)).toEqual([]);
      expect(entries.filter(entry => existsSync(entry.thing.target))).toEqual([]);
      expect(readLedger(path).open).toEqual([]);
    });
  },
  limitMs,
);

/** A process of its own that runs a guest, as it is when QEMU has started; its ledger is its own. */
async function withRunner(
  body: (runner: ChildProcess, ledger: string, entries: readonly Entry[]) => Promise<void>,
): Promise<void> {
  const state = mkdtempSync(join(realpathSync(tmpdir()), 'slipway-vm-state-'));
  const ledger = join(state, 'ledger.jsonl');
  const shell = join(checkout, 'workshop/vm/shell.ts');
  const runner = spawn(process.execPath, [shell, '--', 'sleep', '1000'], {
    env: { ...process.env, SLIPWAY_STATE: state },
    stdio: 'ignore',
  });
  try {
    const entries = await until(() => {
      const { open } = readLedger(ledger);
      return open.some(isMarked) && open.filter(isMarked).every(isAlive) ? open : undefined;
    });
    await body(runner, ledger, entries);
  } finally {
    runner.kill('SIGKILL');
    rmSync(state, { recursive: true });
  }
}

const isMarked = ({ thing }: Entry): boolean => thing.kind === 'marked-processes';

function isAlive({ thing }: Entry): boolean {
  return listProcesses().some(({ pid, state }) => {
    return state !== 'Z' && `SLIPWAY_VM=${environOf(pid).get('SLIPWAY_VM')}` === thing.target;
  });
}

async function until<T>(found: () => T | undefined): Promise<T> {
  for (let attempt = 0; attempt < 600; attempt += 1) {
    const value = found();
    if (value !== undefined) return value;
    await sleep(100);
  }
  throw new Error('waited for a minute in vain');
}
