// An image comes from its registry.
//
// - `pullImage(context, reference, out)`

import type { Writable } from 'node:stream';
import type { Context } from '../../command.ts';
import { showMessages } from '../images/messages.ts';

export async function pullImage(
  { api }: Context,
  reference: string,
  out: Writable,
  platform?: string,
): Promise<void> {
  const at = /^(.+?)(?:@(sha256:[0-9a-f]{64})|:([^:/]+))?$/.exec(reference);
  const [, name = reference, digest, tag = 'latest'] = at ?? [];
  const answer = await api.stream({
    method: 'POST',
    path: '/images/create',
    query: { fromImage: name, tag: digest ?? tag, platform },
    headers: { 'X-Registry-Auth': 'e30=' },
  });
  await showMessages(answer, out);
}
