/** Spares are ready when they are wanted, and nobody notices when they are not. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Spares } from './spares.ts';

function counted(wishes: Partial<ConstructorParameters<typeof Spares<number>>[0]> = {}) {
  const made: number[] = [];
  const dropped: number[] = [];
  const make = (): Promise<number> => Promise.resolve(made.push(made.length) - 1);
  const spares = new Spares<number>({
    ...{ make, drop: one => void dropped.push(one), most: 2 },
    ...wishes,
  });
  return { spares, made, dropped };
}

test('the first is made when it is wanted; then there are others, and no more than agreed', async () => {
  const { spares, made } = counted();
  expect(made).toEqual([]);
  expect(await spares.take()).toBe(0);
  await expect.poll(() => made.length).toBe(3);
  await sleep(50);
  expect(made).toEqual([0, 1, 2]);
  expect(await spares.take()).toBe(1);
  await spares.close();
});

test('those that nobody has taken are dropped, and none is made any more', async () => {
  const { spares, made, dropped } = counted();
  await spares.take();
  await expect.poll(() => made.length).toBe(3);
  await spares.close();
  expect(dropped).toEqual([1, 2]);
  await sleep(50);
  expect(made.length).toBe(3);
});

test('one that is good no more is not handed out', async () => {
  const bad = new Set<number>();
  const { spares, made } = counted({ isGood: one => !bad.has(one) });
  await spares.take();
  await expect.poll(() => made.length).toBe(3);
  bad.add(1);
  expect(await spares.take()).toBe(3);
  await spares.close();
});

test('who takes is told why there is none; who only prepares is not', async () => {
  const { spares } = counted({ make: () => Promise.reject(new Error('no more of them')) });
  await expect(spares.take()).rejects.toThrow('no more of them');
  await sleep(50);
  await expect(spares.take()).rejects.toThrow('no more of them');
  await spares.close();
});

test('none is kept where none is wanted', async () => {
  const { spares, made } = counted({ most: 0 });
  expect(await spares.take()).toBe(0);
  await sleep(50);
  expect(made).toEqual([0]);
  await spares.close();
});
