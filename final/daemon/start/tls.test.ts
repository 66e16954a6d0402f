import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { check } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import { startEngine } from './engine.fixture.ts';
import { settingsSchema } from './settings.ts';
import { tlsOf } from './tls.ts';

const slipway = join(import.meta.dirname, '../../bin/slipway.ts');

const script = `set -e; cd "$1"
  openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=ca -keyout ca-key.pem -out ca.pem
  echo subjectAltName=DNS:localhost,IP:127.0.0.1 > names
  for name in server client; do
    openssl req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout $name-key.pem -out $name.csr
    openssl x509 -req -days 1 -in $name.csr -CA ca.pem -CAkey ca-key.pem -CAcreateserial \\
      -extfile names -out $name.pem
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

check(
  'over TLS both clients hear and say all, also when they have said their last',
  {
    needs: ['root', 'native', 'overlay', 'tool:openssl', 'tool:docker', 'tool:nsenter'],
    timeoutMs: 60_000,
  },
  async t => {
    const folder = await t.scratch();
    expect(spawnSync('sh', ['-c', script, 'sh', folder]).status).toBe(0);
    const files = (name: string): readonly string[] => [
      ...['--tlsverify', '--tlscacert', join(folder, 'ca.pem')],
      ...['--tlscert', join(folder, `${name}.pem`), '--tlskey', join(folder, `${name}-key.pem`)],
    ];
    // In a network of its own, where every port is free.
    const flags = [...files('server'), '-H', 'tcp://127.0.0.1:2376'];
    await using engine = await startEngine(folder, flags);
    for (const program of ['docker', 'slipway'] as const) {
      const say = (host: string, words: readonly string[], input = ''): string => {
        const where = [...files('client'), '-H', `tcp://${host}:2376`];
        const command = program === 'docker' ? ['docker'] : [process.execPath, slipway];
        const args = [`--net=/proc/${engine.pid}/ns/net`, ...command, ...where, ...words];
        const { stdout, stderr } = spawnSync('nsenter', args, { encoding: 'utf8', input });
        return stdout + stderr;
      };
      say('localhost', ['pull', '-q', 'busybox']);
      const run = ['run', '--rm', '--network', 'none'];
      expect(say('127.0.0.1', [...run, 'busybox', 'echo', 'said'])).toBe('said\n');
      expect(say('localhost', [...run, '-i', 'busybox', 'cat'], 'typed')).toBe('typed');
      say('127.0.0.1', ['run', '-d', '--name', 'beside', 'busybox', 'sleep', '100']);
      expect(say('127.0.0.1', ['exec', 'beside', 'echo', 'inside'])).toBe('inside\n');
      expect(say('127.0.0.1', ['rm', '-f', 'beside'])).toBe('beside\n');
    }
  },
);
