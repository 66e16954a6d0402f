/**
 * For the ledger's test: a program that records and makes one thing of each kind, says so, and
 * waits to be killed. Its arguments: a folder to work in, and the control-group hierarchy to make
 * a group in.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { guardMark } from '../guard.ts';
import { mountThing, netnsThing, record, sysctlThing, type Thing } from '../ledger.ts';

const [folder = '', hierarchy = ''] = process.argv.slice(2);
const id = String(process.pid);

function make(thing: Thing, how: () => unknown): void {
  record(thing);
  how();
}

function run(command: string): void {
  execFileSync('bash', ['-ec', command]);
}

const directory = join(folder, 'directory');
make({ kind: 'directory', target: directory }, () => mkdirSync(directory));
make(mountThing(directory), () => run(`mount -t tmpfs ledger-test ${directory}`));
const inner = join(directory, 'inner');
mkdirSync(inner);
run(`mount -t tmpfs not-recorded ${inner}`);
const file = join(folder, 'file');
make({ kind: 'file', target: file }, () => writeFileSync(file, Buffer.alloc(1 << 20)));
make({ kind: 'loop', target: file }, () => run(`losetup --find ${file}`));
const group = join(hierarchy, `ledger-test-${id}`);
make({ kind: 'cgroup', target: group }, () => mkdirSync(join(group, 'inner'), { recursive: true }));
const link = `slip${id}`;
make({ kind: 'link', target: link }, () => run(`ip link add ${link} type veth peer name ${link}b`));
make(netnsThing(`slip${id}`), () => run(`ip netns add slip${id}`));
make({ kind: 'nft-table', target: `inet slip${id}` }, () => run(`nft add table inet slip${id}`));
const port = 'net.ipv4.ip_unprivileged_port_start';
make(sysctlThing(port), () =>
  writeFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', '999'),
);
make({ kind: 'marked-processes', target: guardMark() }, () => {
  // Two that outlive us: one in the group, one that has left its parent and its session.
  const member = spawn('sleep', ['1000'], { stdio: 'ignore', detached: true });
  writeFileSync(join(group, 'inner', 'cgroup.procs'), String(member.pid));
  run('setsid sleep 1000 > /dev/null 2>&1 &');
});
// Recorded, and then killed before it was made: nothing to undo.
record({ kind: 'directory', target: join(folder, 'never-made') });
process.stdout.write(`ready ${readFileSync('/proc/self/stat', 'utf8').split(' ')[0]}\n`);
setInterval(() => {}, 1000);
