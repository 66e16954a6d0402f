/**
 * Chapter 06: publish a port, and find the one entry of the firewall that does it.
 *
 * The web server stands in a network of its own; what is fetched at the machine's port must have
 * come from there, and packets prove it. Then that entry goes, and the container stays.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endMarked } from '../../../guide/put-back.ts';
import { done, hint, type Scene, type Seen, type Unit } from '../../../guide/unit.ts';
import { commandOf, fileOf, isThere, markedBy, noteOf } from '../../../sight/marked.ts';
import { inNetwork, receivedBy } from '../../../sight/networks.ts';
import { sharesView } from '../../../sight/views.ts';

function prepare({ place, words }: Scene): void {
  mkdirSync(join(place, 'www'));
  writeFileSync(join(place, 'www/index.html'), `${words['page']}\n`);
}

const servers = ({ words }: Scene) =>
  markedBy('BOX', words['name'] ?? '').filter(({ pid }) => commandOf(pid).includes('httpd'));

const isApplication = ({ pid }: { readonly pid: number }): boolean =>
  (commandOf(pid)[0] ?? '').endsWith('busybox');

const pidOf = (note: string | undefined): number => Number((note ?? '').split('.')[0]);

/** Port 80, listening, on whatever address: `:0050`, state 0A. */
function listens(pid: number): boolean {
  const sockets = [fileOf(pid, 'net/tcp'), fileOf(pid, 'net/tcp6')].join('\n');
  return /:0050 [0-9A-F:]+ 0A /.test(sockets);
}

function server(scene: Scene): Seen {
  const all = servers(scene);
  if (all.length === 0) return hint('nobody');
  const apart = all.filter(({ pid }) => !sharesView(pid, 'net'));
  if (apart.length === 0) return hint('same-network');
  const one = apart.find(({ pid }) => listens(pid));
  if (one === undefined) return hint('not-listening');
  scene.notes['server'] = noteOf(one);
  return done;
}

async function fetched(place: string): Promise<string | undefined> {
  try {
    const signal = AbortSignal.timeout(1500);
    const answer = await fetch(`http://${place}/`, { signal });
    return (await answer.text()).trim();
  } catch {
    return undefined;
  }
}

async function published(scene: Scene): Promise<Seen> {
  const { words, notes } = scene;
  const all = servers(scene).filter(({ pid }) => !sharesView(pid, 'net') && listens(pid));
  if (all.length === 0) return hint('ended');
  const before = all.map(({ pid }) => receivedBy(pid));
  const text = await fetched(`127.0.0.1:${words['port']}`);
  if (text === undefined) return hint('refused');
  if (text !== words['page']) return hint('other-page');
  const one = all.find(({ pid }, index) => receivedBy(pid) > (before[index] ?? 0));
  if (one === undefined) return hint('from-outside');
  notes['server'] = noteOf(one);
  notes['tables'] = tables().join(' ');
  notes['listed'] = `${mentions(words['port'])}`;
  const address = addressOf(one.pid);
  notes['address'] = (await fetchedDirectly(address)) === words['page'] ? address : '';
  return done;
}

function tables(): readonly string[] {
  const { stdout } = spawnSync('nft', ['list', 'tables'], { encoding: 'utf8' });
  return [...stdout.matchAll(/^table (\w+ \S+)$/gm)].map(([, name = '']) => name.replace(' ', '/'));
}

/** Where the machine reaches it without any entry of the firewall. */
function addressOf(pid: number): string {
  const text = inNetwork(pid, ['ip', '-o', '-4', 'address', 'show', 'scope', 'global']);
  return /inet ([\d.]+)/.exec(text)?.[1] ?? '';
}

/** Without its link the way to it would be that to everybody, and lead out of the machine. */
async function fetchedDirectly(address: string): Promise<string | undefined> {
  const { status, stdout } = spawnSync('ip', ['-4', 'route', 'get', address], { encoding: 'utf8' });
  return status === 0 && !/ via /.test(stdout) ? fetched(address) : undefined;
}

/** How often the rules name the port: a way for IPv6 may stand beside that for IPv4. */
function mentions(port = ''): number {
  const { stdout } = spawnSync('nft', ['list', 'ruleset'], { encoding: 'utf8' });
  return stdout.match(new RegExp(`\\b${port}\\b`, 'g'))?.length ?? 0;
}

async function entry(scene: Scene): Promise<Seen> {
  const { words, notes } = scene;
  if (!isThere(notes['server'])) return hint('ended');
  if ((await fetched(`127.0.0.1:${words['port']}`)) !== undefined) return hint('still-published');
  const now = tables();
  const lost = (notes['tables'] ?? '').split(' ').filter(name => name && !now.includes(name));
  if (lost.length > 0) return hint('table-gone', { table: lost.join(' ') });
  // The way to the container must be as it was: then it is the entry that is missing.
  if (!listens(pidOf(notes['server']))) return hint('ended');
  const { address = '' } = notes;
  if (address && (await fetchedDirectly(address)) === undefined) return hint('cut-off');
  const listed = Number(notes['listed'] ?? 0);
  return listed > 0 && mentions(words['port']) >= listed ? hint('still-listed') : done;
}

const run = 'npx tsx {tree}/chapters/06-network/run.ts';
const start = (publish: string): string =>
  `BOX={name} ${run} ${publish} -- busybox httpd -f -p 80 -h {place}/www &`;

export const publishedPort: Unit = {
  id: '06-network/published-port',
  needs: ['root', 'native', 'nftables', 'tool:ip', 'tool:busybox', 'tool:nft'],
  draw: draw => ({
    name: draw.name(),
    port: `${draw.between(20_000, 29_999)}`,
    page: `page-${draw.between(1000, 9999)}`,
  }),
  init: prepare,
  tasks: [
    {
      id: 'server',
      look: server,
      solve: ['BOX={name} unshare --net busybox httpd -f -p 80 -h {place}/www &'],
      wrong: [
        {
          type: ['BOX={name} busybox httpd -f -p 127.0.0.1:{port} -h {place}/www &'],
          sees: 'same-network',
          undo: ['kill $!; wait $!'],
        },
      ],
    },
    {
      id: 'published',
      look: published,
      solve: [start('-p {port}:80')],
      wrong: [
        {
          type: ['busybox httpd -f -p 127.0.0.1:{port} -h {place}/www &'],
          sees: 'from-outside',
          undo: ['kill $!; wait $!'],
        },
      ],
    },
    {
      id: 'entry',
      look: entry,
      wrong: [
        {
          // A door before the way, instead of the way taken away.
          type: [
            'nft add table inet {name}',
            "nft add chain inet {name} door '{ type filter hook output priority -300; }'",
            'nft add rule inet {name} door tcp dport {port} reject',
          ],
          sees: 'still-listed',
          undo: ['nft delete table inet {name}'],
        },
        {
          type: ['ip link set slipway0 down'],
          sees: 'cut-off',
          undo: ['ip link set slipway0 up'],
        },
      ],
      solve: [
        'nft list ruleset | grep -w {port}',
        "nft delete element inet slipway everywhere4 '{ tcp . {port} }'",
      ],
    },
  ],
  restore: async ({ words, place }) => {
    // First the applications: a runtime that is there puts its own things away when one has ended.
    await endMarked('BOX', words['name'] ?? '', isApplication);
    const script = join(words['tree'] ?? '', 'chapters/06-network/run.ts');
    const tsx = join(words['tree'] ?? '', 'node_modules/.bin/tsx');
    // The runtime's networks are derived from who lives: what the ended ones left goes now.
    spawnSync(tsx, [script, 'network', 'reconcile'], { cwd: place });
  },
};
