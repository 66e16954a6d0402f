// What the kernel does with a value that is written into a control-group file.
//
// - rules: by the file's name, from the text written to the text that is then read
// - errno(code): what a system call throws
//
// Only what the drivers rely on, each rule as it was seen on a running kernel: rounding
// to pages, clamping without a word, pairs of files that bound each other, refusals.

import { parseCpuList } from '../hierarchies/cpu-list.ts';

/** One group's files, and the machine's, as a rule may look at them. */
export interface GroupFiles {
  get(file: string): string;
  set(file: string, text: string): void;
  readonly topFiles: ReadonlyMap<string, string>;
}

export type Rule = (value: string, group: GroupFiles, file: string) => string;

export function errno(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}

const noLimit = '9223372036854771712';

export const rules: Readonly<Record<string, Rule>> = {
  'cpu.shares': value => String(Math.min(Math.max(Number(value), 2), 262_144)),
  'cpu.cfs_period_us': value => between(value, 1000, 1_000_000, 'EINVAL'),
  'cpu.cfs_quota_us': value =>
    Number(value) < 0 ? '-1' : between(value, 1000, Infinity, 'EINVAL'),
  'cpu.weight': value => between(value, 1, 10_000, 'ERANGE'),
  'cpu.max': value => {
    const [quota = '', period = '100000'] = value.split(' ');
    between(period, 1000, 1_000_000, 'EINVAL');
    if (quota !== 'max') between(quota, 1000, Infinity, 'EINVAL');
    return `${quota} ${period}`;
  },
  'cpuset.cpus': (value, group) => cpus(value, group, 'cpuset.cpus'),
  'cpuset.mems': (value, group) => cpus(value, group, 'cpuset.mems'),
  'memory.limit_in_bytes': (value, group) => {
    const wanted = pages(value);
    if (bytesOf(wanted) > bytesOf(group.get('memory.memsw.limit_in_bytes')))
      refuse('EINVAL');
    if (bytesOf(wanted) < Number(group.get('memory.usage_in_bytes'))) refuse('EBUSY');
    return wanted;
  },
  'memory.memsw.limit_in_bytes': (value, group) => {
    const wanted = pages(value);
    if (bytesOf(wanted) < bytesOf(group.get('memory.limit_in_bytes'))) refuse('EINVAL');
    return wanted;
  },
  'memory.soft_limit_in_bytes': value => pages(value),
  'memory.oom_control': (value, group) =>
    group
      .get('memory.oom_control')
      .replace(
        /oom_kill_disable \d/,
        `oom_kill_disable ${between(value, 0, 1, 'EINVAL')}`,
      ),
  'memory.max': value => pagesOrMax(value),
  'memory.swap.max': value => pagesOrMax(value),
  'memory.low': value => pagesOrMax(value),
  'pids.max': value =>
    value === 'max' ? value : between(value, 0, 4_194_304, 'EINVAL'),
  'io.weight': value => `default ${between(value, 1, 10_000, 'ERANGE')}`,
  'io.max': (value, group) => {
    const [device = '', word = ''] = value.split(' ');
    const before = group
      .get('io.max')
      .split('\n')
      .find(line => line.startsWith(device));
    const all = before ?? `${device} rbps=max wbps=max riops=max wiops=max`;
    const [key = ''] = word.split('=');
    return diskLine(group.get('io.max'), all.replace(new RegExp(`${key}=\\w+`), word));
  },
  'blkio.throttle.read_bps_device': throttle,
  'blkio.throttle.write_bps_device': throttle,
  'blkio.throttle.read_iops_device': throttle,
  'blkio.throttle.write_iops_device': throttle,
};

function refuse(code: string): never {
  throw errno(code, 'write');
}

function between(value: string, least: number, most: number, code: string): string {
  const number = Number(value);
  return number >= least && number <= most ? value : refuse(code);
}

function cpus(value: string, group: GroupFiles, file: string): string {
  const top = group.topFiles.get(file) ?? group.topFiles.get(`${file}.effective`) ?? '';
  const there = parseCpuList(top);
  const version2 = group.topFiles.has(`${file}.effective`);
  const missing = parseCpuList(value).some(number => !there.includes(number));
  if (missing) refuse(version2 ? 'ERANGE' : 'EINVAL');
  if (version2) group.set(`${file}.effective`, value);
  return value;
}

function pages(value: string): string {
  const bytes = Number(value);
  return bytes < 0 ? noLimit : String(Math.floor(bytes / 4096) * 4096);
}

function pagesOrMax(value: string): string {
  if (value === 'max') return value;
  return Number(value) < 0 ? refuse('EINVAL') : pages(value);
}

function bytesOf(text: string): number {
  return text.trim() === noLimit ? Infinity : Number(text);
}

function throttle(value: string, group: GroupFiles, file: string): string {
  return diskLine(group.get(file), value);
}

/** The machine has one disk, 8:0; a line that limits nothing vanishes. */
function diskLine(text: string, line: string): string {
  const [device = ''] = line.split(' ');
  if (device !== '8:0') refuse('ENODEV');
  const others = text.split('\n').filter(one => one !== '' && !one.startsWith(device));
  const none = line.endsWith(' 0') || /^(?!.*=\d)\S+ \w+=/.test(line);
  return [...others, ...(none ? [] : [line])].join('\n');
}
