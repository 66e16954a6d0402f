/** Output on its way from a kept child to whoever reads it, and input on its way back. */
import { readFileSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { expect } from 'vitest';
import { check } from '@slipway/lab/check.ts';
import { path, shell } from '../../process/collect.ts';
import { step, type Step } from '../../program/program.ts';
import { client, parseFrames, withKeeper } from './keeping.ts';

const needs = ['root', 'native', 'tool:busybox'] as const;

/** So many bytes, as fast as they can be written. */
const bytes = (count: number): Step =>
  step.exec(['busybox', 'head', '-c', `${count}`, '/dev/zero'], [path]);

check('a client has every byte before the end is told', { needs }, context =>
  withKeeper(context, async keeper => {
    const reader = client();
    const read = reader.everything();
    const program = [bytes(20_000_000)];
    const child = await keeper.spawn({ name: 'main', program, sinks: [reader.sink] });
    reader.handOver();
    await child.wait();
    expect(await child.sinks[0]?.ended).toBe('drained');
    expect((await read).length).toBe(20_000_000);
  }),
);

check("a framed client tells the streams apart by Docker's header", { needs }, context =>
  withKeeper(context, async keeper => {
    const reader = client({ isFramed: true });
    const read = reader.everything();
    const program = [shell('echo one; sleep 0.1; echo two >&2; sleep 0.1; printf three')];
    await keeper.spawn({ name: 'main', program, sinks: [reader.sink] });
    reader.handOver();
    const frames = parseFrames(await read);
    expect(frames).toEqual([
      [1, 'one\n'],
      [2, 'two\n'],
      [1, 'three'],
    ]);
  }),
);

check('each client gets the streams that it asked for', { needs }, context =>
  withKeeper(context, async keeper => {
    const out = client({ streams: ['stdout'] });
    const error = client({ streams: ['stderr'] });
    const read = [out.everything(), error.everything()];
    const program = [shell('echo out; echo error >&2')];
    await keeper.spawn({ name: 'main', program, sinks: [out.sink, error.sink] });
    for (const one of [out, error]) one.handOver();
    expect((await Promise.all(read)).map(String)).toEqual(['out\n', 'error\n']);
  }),
);

check('who comes later gets what comes later', { needs }, context =>
  withKeeper(context, async (keeper, folder) => {
    const program = [shell('echo early; read line; echo "late $line"')];
    const child = await keeper.spawn({
      name: 'main',
      program,
      stdio: ['pipe', 'pipe', 'pipe'],
      log: { folder, file: 'log' },
    });
    while (!readFileSync(`${folder}/log`, 'utf8').includes('early')) {
      await new Promise(resolve => setTimeout(resolve, 10));
    }
    const late = client();
    const read = late.everything();
    const attached = await child.attach(late.sink);
    late.handOver();
    await write(await child.stdin(), 'word\n');
    expect(String(await read)).toBe('late word\n');
    expect(await attached.ended).toBe('drained');
  }),
);

check('a reader that sleeps stops the writer, and the keeper stays small', { needs }, context =>
  withKeeper(context, async keeper => {
    const slow = client();
    const program = [bytes(30_000_000)];
    const child = await keeper.spawn({ name: 'main', program, sinks: [slow.sink] });
    slow.handOver();
    await settled(() => readFileSync(`/proc/${child.pid}/io`, 'utf8'));
    expect(readFileSync(`/proc/${child.pid}/io`, 'utf8')).not.toContain('wchar: 30000000');
    const rollup = readFileSync(`/proc/${keeper.pid}/smaps_rollup`, 'utf8');
    expect(Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1])).toBeLessThan(1024);
    expect((await slow.everything()).length).toBe(30_000_000);
    expect(await child.wait()).toMatchObject({ status: { code: 0 } });
  }),
);

check('a reader that never reads delays the end, but not for ever', { needs }, context =>
  withKeeper(context, async keeper => {
    const stuck = client({ atEnd: 'close' });
    const sinks = [stuck.sink];
    // Another one has written as much as goes in; what a pipe holds lets the writer end.
    const other = await keeper.spawn({ name: 'other', program: [bytes(1_000_000)], sinks });
    await settled(() => readFileSync(`/proc/${other.pid}/io`, 'utf8'));
    const child = await keeper.spawn({ name: 'main', program: [bytes(60_000)], sinks });
    stuck.handOver();
    expect(await child.wait()).toMatchObject({ status: { code: 0 } });
    // It gets all of it, whenever it reads.
    expect((await stuck.everything()).length).toBe(1_060_000);
    expect(await child.sinks[0]?.ended).toBe('drained');
  }),
);

check('a reader that goes away is told of, and the others go on', { needs }, context =>
  withKeeper(context, async keeper => {
    const [leaving, staying] = [client(), client()];
    const read = staying.everything();
    const child = await keeper.spawn({
      name: 'main',
      program: [shell('for n in 1 2 3 4 5; do echo $n; sleep 0.05; done')],
      sinks: [leaving.sink, staying.sink],
    });
    for (const one of [leaving, staying]) one.handOver();
    leaving.socket.destroy();
    expect(await child.sinks[0]?.ended).toBe('broken');
    expect(String(await read)).toBe('1\n2\n3\n4\n5\n');
  }),
);

check('a detached reader gets no more', { needs }, context =>
  withKeeper(context, async keeper => {
    const reader = client();
    const read = reader.everything();
    const child = await keeper.spawn({
      name: 'main',
      program: [shell('read line; echo too late')],
      stdio: ['pipe', 'pipe', 'null'],
      sinks: [reader.sink],
    });
    reader.handOver();
    child.sinks[0]?.detach();
    expect(await child.sinks[0]?.ended).toBe('detached');
    await child.closeStdin();
    await child.wait();
    expect(String(await read)).toBe('');
  }),
);

check('what others hold open after the end is waited for, then left', { needs }, context =>
  withKeeper(context, async keeper => {
    const reader = client();
    const read = reader.everything();
    const program = [shell('sleep 1000 & echo $!')];
    const child = await keeper.spawn({ name: 'exec', program, sinks: [reader.sink] });
    reader.handOver();
    expect(await child.wait()).toMatchObject({ status: { code: 0 } });
    const pid = Number(String(await read));
    expect(readFileSync(`/proc/${pid}/comm`, 'utf8')).toBe('sleep\n');
    process.kill(pid, 'SIGKILL');
  }),
);

check('an ended stdin is the end of file inside, after what was written', { needs }, context =>
  withKeeper(context, async keeper => {
    const reader = client();
    const read = reader.everything();
    const child = await keeper.spawn({
      name: 'main',
      program: [shell('cat; echo the end')],
      stdio: ['pipe', 'pipe', 'null'],
      sinks: [reader.sink],
    });
    reader.handOver();
    const stdin = await child.stdin();
    expect(await child.stdin()).toBe(stdin);
    stdin?.write('some words\n');
    await child.closeStdin();
    expect(String(await read)).toBe('some words\nthe end\n');
    expect(await child.stdin().then(stream => stream?.writable ?? false)).toBe(false);
  }),
);

check('a child without a pipe has no stdin', { needs }, context =>
  withKeeper(context, async keeper => {
    const child = await keeper.spawn({ name: 'main', program: [shell('cat')] });
    expect(await child.stdin()).toBeUndefined();
    await child.closeStdin();
    expect((await child.wait()).status).toEqual({ code: 0 });
  }),
);

check('a terminal is pumped, typed at and resized', { needs }, context =>
  withKeeper(context, async (keeper, folder) => {
    const reader = client();
    const read = reader.everything();
    const child = await keeper.spawn({
      name: 'main',
      namespaces: ['mount', 'pid'],
      program: [
        step.setPropagation('private'),
        step.mount('devpts', '/dev/pts', 'devpts', { data: 'newinstance,ptmxmode=0666,mode=0620' }),
        step.openTerminal(30, 100),
        shell('trap "stty size; exit 5" WINCH; stty size; while :; do sleep 0.05; done'),
      ],
      sinks: [reader.sink],
      log: { folder, file: 'log' },
    });
    reader.handOver();
    expect(child.hasTerminal).toBe(true);
    while (!readFileSync(`${folder}/log`, 'utf8').includes('30 100')) {
      await new Promise(resolve => setTimeout(resolve, 10));
    }
    await child.resize(50, 132);
    expect((await child.wait()).status).toEqual({ code: 5 });
    expect(String(await read)).toContain('50 132\r\n');
    expect(readFileSync(`${folder}/log`, 'utf8')).toContain(
      '{"log":"30 100\\r\\n","stream":"stdout"',
    );
  }),
);

function write(stream: Writable | undefined, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    if (stream === undefined) return reject(new Error('there is no stream'));
    stream.write(text, error => (error ? reject(error) : resolve()));
  });
}

/** Resolves when what `look` sees stays the same. */
async function settled(look: () => string): Promise<void> {
  for (let before = ''; ;) {
    const now = look();
    if (now === before) return;
    before = now;
    await new Promise(resolve => setTimeout(resolve, 200));
  }
}
