import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { check } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import { settingsSchema } from './settings.ts';
import { tlsOf } from './tls.ts';

const script = `set -e; cd "$1"
  openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=ca -keyout ca-key.pem -out ca.pem
  for name in server client; do
    openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout $name-key.pem -out $name.csr
    openssl x509 -req -days 1 -in $name.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial -out $name.pem
  done`;

function ask(
  server: Server,
  files: { readonly cert?: Buffer; readonly key?: Buffer; readonly ca: Buffer },
) {
  const { port } = server.address() as AddressInfo;
  const { promise, resolve } = Promise.withResolvers<string>();
  const options = { port, host: '127.0.0.1', servername: 'localhost', agent: false, ...files };
  request(options, answer => resolve(String(answer.statusCode)))
    .on('error', () => resolve('turned away'))
    .end();
  return promise;
}

check(
  'with --tlsverify a client without a certificate is turned away',
  { needs: ['tool:openssl'], guard: false },
  async t => {
    const folder = await t.scratch();
    expect(spawnSync('sh', ['-c', script, 'sh', folder]).status).toBe(0);
    const file = (name: string): string => join(folder, name);
    const settings = settingsSchema.parse({
      tlsverify: true,
      tlscacert: file('ca.pem'),
      tlscert: file('server.pem'),
      tlskey: file('server-key.pem'),
    });
    const server = createServer(tlsOf(settings) ?? {}, (_request, response) => response.end('ok'));
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    t.hold({
      [Symbol.asyncDispose]: () => new Promise<void>(resolve => server.close(() => resolve())),
    });
    const ca = readFileSync(file('ca.pem'));
    const own = {
      cert: readFileSync(file('client.pem')),
      key: readFileSync(file('client-key.pem')),
    };
    expect(await ask(server, { ca, ...own })).toBe('200');
    expect(await ask(server, { ca })).toBe('turned away');
  },
);
