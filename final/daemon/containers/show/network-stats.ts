// What went over a container's network interfaces.
//
// - `networkStats(pid)`: by interface, without the loopback one
//
// Source: proc_pid_net(5), /proc/PID/net/dev: it shows the namespace of that process.

import { readFile } from 'node:fs/promises';

export type NetworkStats = Readonly<Record<string, Readonly<Record<string, number>>>>;

const columns: Readonly<Record<string, number>> = {
  rx_bytes: 0,
  rx_packets: 1,
  rx_errors: 2,
  rx_dropped: 3,
  tx_bytes: 8,
  tx_packets: 9,
  tx_errors: 10,
  tx_dropped: 11,
};

export async function networkStats(pid: number): Promise<NetworkStats> {
  const text = await readFile(`/proc/${pid}/net/dev`, 'utf8').catch(() => '');
  const entries = text.split('\n').flatMap(line => {
    const [, name = '', rest = ''] = /^\s*([^:\s]+):\s*(.*)$/.exec(line) ?? [];
    if (name === '' || name === 'lo') return [];
    const numbers = rest.split(/\s+/).map(Number);
    const counts = Object.entries(columns).map(([key, at]) => [key, numbers[at] ?? 0]);
    return [[name, Object.fromEntries(counts)] as const];
  });
  return Object.fromEntries(entries);
}
