/**
 * The container of these rows: it sleeps, without a network of its own making.
 *
 * - running(api)  → its id
 * - created(api)  → its id; it does not run yet
 * - milliseconds(act)  how long it took
 */
import type { Api } from '../api.ts';

export async function created(api: Api): Promise<string> {
  const wish = { Image: 'busybox', Cmd: ['sleep', '1000'], HostConfig: { NetworkMode: 'bridge' } };
  const { Id } = await api.call('POST', '/containers/create', wish);
  return `${Id}`;
}

export async function running(api: Api): Promise<string> {
  const id = await created(api);
  await api.call('POST', `/containers/${id}/start`);
  return id;
}

export async function milliseconds(act: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await act();
  return performance.now() - began;
}
