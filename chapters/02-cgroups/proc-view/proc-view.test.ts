// What programs make of the computed /proc.

import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { check, type CheckOptions } from '@slipway/lab/check.ts';
import { expect } from 'vitest';
import { make, mebibyte, needs } from '../group/groups-for-tests.ts';
import { procView } from './proc-view.ts';
import { tasksIn } from './load.ts';

const seeInside: CheckOptions = { needs: ['root', 'namespace:mnt', 'tool:free'] };

check(
  'free and who counts processors believe the /proc of the group',
  seeInside,
  async context => {
    needs(context, 'memory', 'cpu');
    await using group = await make({ memoryBytes: 64 * mebibyte, cpuQuotaUs: 20_000 });
    const read = (path: string): string => readFileSync(path, 'utf8');
    const inside = { aliveSeconds: 1, allowedUs: 2e5, load: [0, 0, 0] as const };
    const view = procView(
      { ...inside, stats: group.stats(), cpus: [0, 1], tasks: tasksIn([]) },
      {
        meminfo: read('/proc/meminfo'),
        cpuinfo: read('/proc/cpuinfo'),
        stat: read('/proc/stat'),
      },
    );
    const folder = await context.scratch();
    const script = [...view].map(([path, text], index) => {
      writeFileSync(`${folder}/${index}`, text);
      return `mount --bind ${folder}/${index} ${path}`;
    });
    script.push(
      'free -b',
      'grep -c ^processor /proc/cpuinfo',
      'cut -d" " -f1 /proc/uptime',
    );
    const argv = ['--mount', 'sh', '-ec', script.join('\n')];
    const output = execFileSync('unshare', argv, { encoding: 'utf8' });
    expect(/^Mem: +(\d+)/m.exec(output)?.[1]).toBe(String(64 * mebibyte));
    expect(output).toMatch(/\n1\n1\.00\n$/);
  },
);
