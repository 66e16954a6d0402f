// A limit as what it is for the kernel: a text written into a file, or, for the devices
// of version 2, a program put on the group. Settings are data, so that they can be
// printed before anything is done, compared in a test, and taken back.
//
// - FileSetting: which file, which text, and how to see that it took effect
// - ProgramSetting: which program; it is put on the group after all writes, so that it
//   never has to be taken back
// - applySettings(host, settings): writes all, in order, or takes back what it wrote
// - applyToNew(host, settings): the same for a new group, in one go: if one is refused
//   there is nothing to take back, for the group goes
// - explainSettings(settings): the lines `echo 20000 > …/cpu.cfs_quota_us`
//
// Invariant: every write is read back. The kernel may round a value (memory to pages),
// clamp it without a word (cpu.shares 1 becomes 2) or accept it and keep another: what
// is not in force is an error.

import type { Controller } from '../hierarchies/controllers.ts';
import { formatCpuList, parseCpuList } from '../hierarchies/cpu-list.ts';
import { ControlGroupError, errnoOf, refused } from '../group/errors.ts';
import type { Host } from '../hierarchies/host.ts';
import type { LimitName } from './limits.ts';

/** How the file reads when the value was taken. */
export type Check =
  /** as written */
  | { readonly how: 'same' }
  /** as the number written, or less by less than a unit; -1 and max are one */
  | { readonly how: 'rounded'; readonly unit: number }
  /** as the same set of numbers, perhaps in another notation */
  | { readonly how: 'set'; readonly file?: string }
  /** one line among others: it begins with `key`; a `none` value has no line at all */
  | { readonly how: 'line'; readonly key: string; readonly none: string }
  /** as one line `key value`, though the value alone is written */
  | { readonly how: 'flag'; readonly key: string }
  /** never: the file is for writing only, or shows something else */
  | { readonly how: 'unreadable' };

export type Setting = FileSetting | ProgramSetting;

export interface FileSetting {
  readonly controller: Controller;
  readonly limit: LimitName;
  readonly directory: string;
  readonly file: string;
  readonly value: string;
  readonly check: Check;
  /** what to say when the kernel answers with this errno */
  readonly hints?: Readonly<Record<string, string>>;
}

export interface ProgramSetting {
  readonly limit: LimitName;
  readonly directory: string;
  /** for the kernel; see v2/device-program.ts */
  readonly program: Uint8Array;
  /** for a person, a line each */
  readonly told: readonly string[];
}

/** @throws REFUSED, NOT_TAKEN, UNSUPPORTED; what was written before is taken back */
export function applySettings(host: Host, settings: readonly Setting[]): void {
  const undo: (() => void)[] = [];
  try {
    for (const setting of settings.filter(isFile)) {
      // Before the write: one that the kernel took otherwise has to be undone as well.
      const before = valueBefore(host, setting);
      if (before !== undefined) undo.push(() => host.write(pathOf(setting), before));
      applySetting(host, setting);
    }
    for (const setting of settings) if (!isFile(setting)) putProgram(host, setting);
  } catch (error) {
    for (const step of undo.toReversed()) {
      try {
        step();
      } catch {
        // The first error is the one to tell.
      }
    }
    throw error;
  }
}

/** @throws as applySettings; then the group is to be removed */
export function applyToNew(host: Host, settings: readonly Setting[]): void {
  const files = settings.filter(isFile);
  const answers = host.writeAll(
    files.map(setting => {
      const told = fileThatTells(setting);
      const write = { path: pathOf(setting), text: setting.value };
      return told === undefined ? write : { ...write, told };
    }),
  );
  for (const [index, answer] of answers.entries()) {
    const setting = files[index];
    if (setting === undefined) continue;
    if ('error' in answer) throw notWritten(setting, answer.error);
    refuseUntaken(setting, answer.found);
  }
  for (const setting of settings) if (!isFile(setting)) putProgram(host, setting);
}

export function explainSettings(settings: readonly Setting[]): string[] {
  return settings.flatMap(setting =>
    isFile(setting)
      ? [`echo '${setting.value}' > ${pathOf(setting)}`]
      : [
          `bpf(BPF_PROG_LOAD), ${setting.program.length / 8} instructions`,
          `bpf(BPF_PROG_ATTACH) to ${setting.directory}:`,
          ...setting.told.map(line => `  ${line}`),
        ],
  );
}

export function isFile(setting: Setting): setting is FileSetting {
  return 'file' in setting;
}

function putProgram(host: Host, { limit, directory, program }: ProgramSetting): void {
  try {
    host.putDeviceProgram(directory, program);
  } catch (error) {
    const what = `${limit}: putting a program on ${directory}`;
    throw refused(what, error, programHints[errnoOf(error) ?? '']);
  }
}

const programHints: Readonly<Record<string, string>> = {
  EPERM: 'only root of the machine may: a delegated group is not enough',
  EINVAL: 'this kernel has no programs on control groups (CONFIG_CGROUP_BPF)',
  ENOSYS: 'this kernel has no eBPF (CONFIG_BPF_SYSCALL)',
};

function applySetting(host: Host, setting: FileSetting): void {
  try {
    host.write(pathOf(setting), setting.value);
  } catch (error) {
    throw notWritten(setting, error);
  }
  const told = fileThatTells(setting);
  refuseUntaken(setting, told === undefined ? undefined : host.read(told));
}

function notWritten(setting: FileSetting, error: unknown): ControlGroupError {
  const errno = errnoOf(error) ?? '';
  const hint = setting.hints?.[errno] ?? generalHints[errno];
  const what = shown(setting);
  if (errno !== 'ENOENT') return refused(what, error, hint);
  return new ControlGroupError('UNSUPPORTED', `${what}: ${hint}`, { cause: error });
}

/** @param found how the file reads that tells; undefined where none does */
function refuseUntaken(setting: FileSetting, found: string | undefined): void {
  if (found === undefined || took(setting, found)) return;
  const reads = JSON.stringify(found.trim());
  throw new ControlGroupError(
    'NOT_TAKEN',
    `${shown(setting)}: the kernel accepted it, but the file reads ${reads}`,
  );
}

function shown(setting: FileSetting): string {
  const { limit, value } = setting;
  return `${limit}: writing ${JSON.stringify(value)} to ${pathOf(setting)}`;
}

const generalHints: Readonly<Record<string, string>> = {
  ENOENT: 'this kernel does not have this limit',
  EINVAL: 'the value is outside what the kernel, or the group above, allows',
  ERANGE: 'the value is outside what the kernel allows',
  EACCES: 'only the owner of the group may do this: become root, or have it delegated',
  EPERM: 'only the owner of the group may do this: become root, or have it delegated',
  EROFS: 'the hierarchy is mounted read-only here',
};

const pathOf = ({ directory, file }: FileSetting): string => `${directory}/${file}`;

function fileThatTells({ directory, file, check }: FileSetting): string | undefined {
  if (check.how === 'unreadable') return undefined;
  const other = check.how === 'set' ? check.file : undefined;
  return `${directory}/${other ?? file}`;
}

function took({ value, check }: FileSetting, found: string): boolean {
  const text = found.trim();
  switch (check.how) {
    case 'same':
      return text === value;
    case 'rounded':
      return tookNumber(value, text, check.unit);
    case 'set':
      return formatCpuList(parseCpuList(text)) === formatCpuList(parseCpuList(value));
    case 'line':
      return tookLine(value, text, check);
    case 'flag':
      return lineOf(text, check.key) === `${check.key} ${value}`;
    case 'unreadable':
      return true;
  }
}

/** Version 1 shows "no limit" as the greatest number of pages, version 2 as "max". */
function tookNumber(value: string, text: string, unit: number): boolean {
  const wantsNone = value === '-1' || value === 'max';
  const showsNone = text === 'max' || text === '-1' || Number(text) > 2 ** 62;
  if (wantsNone || showsNone) return wantsNone === showsNone;
  const missing = Number(value) - Number(text);
  return missing >= 0 && missing < unit;
}

function tookLine(
  value: string,
  text: string,
  { key, none }: { readonly key: string; readonly none: string },
): boolean {
  const line = lineOf(text, key);
  if (value === none) {
    return line === undefined || words(line).includes(words(none)[1] ?? '');
  }
  return line !== undefined && words(value).every(word => words(line).includes(word));
}

function lineOf(text: string, key: string): string | undefined {
  return text.split('\n').find(line => line.startsWith(`${key} `));
}

const words = (line: string): string[] => line.split(/\s+/);

/** What to write to have the file as it is now; undefined when that cannot be told. */
function valueBefore(host: Host, setting: FileSetting): string | undefined {
  const { check, directory, file } = setting;
  if (check.how === 'unreadable' || !host.has(pathOf(setting))) return undefined;
  const text = host.read(`${directory}/${file}`).trim();
  if (check.how === 'line') return lineOf(text, check.key) ?? check.none;
  return check.how === 'flag' ? lineOf(text, check.key)?.split(' ')[1] : text;
}
