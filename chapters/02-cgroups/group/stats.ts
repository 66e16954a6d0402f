// What a group has used: one shape, whichever world the numbers come from.
//
// - GroupStats: processor, memory, processes, block devices, pressure; units in the
//   names
// - GroupEvents: what has happened to a group so far
// - parsers for the kernel's small formats: `key value` lines, pressure
//
// A part is missing when its controller is absent; a number is missing when this kernel
// does not count it. Never is a zero shown for what nobody counted.

export interface GroupStats {
  readonly cpu?: CpuStats;
  readonly memory?: MemoryStats;
  readonly pids?: PidsStats;
  readonly io?: readonly DeviceStats[];
  readonly pressure?: {
    readonly cpu?: Pressure;
    readonly memory?: Pressure;
    readonly io?: Pressure;
  };
}

export interface CpuStats {
  readonly usageUs?: number;
  readonly userUs?: number;
  readonly systemUs?: number;
  /** of each processor of the host; version 2 does not count them apart */
  readonly perCpuUs?: readonly number[];
  /** enforcement periods that passed while the group wanted to run */
  readonly periods?: number;
  /** in how many of them the quota ran out, and how long it then had to wait */
  readonly throttledPeriods?: number;
  readonly throttledUs?: number;
  /** undefined: no quota */
  readonly limitCpus?: number;
}

export interface MemoryStats {
  readonly usageBytes: number;
  /** the greatest usage so far; since Linux 5.19 in version 2 */
  readonly peakBytes?: number;
  /** undefined: no limit */
  readonly limitBytes?: number;
  readonly swapBytes?: number;
  /** of swap alone */
  readonly swapLimitBytes?: number;
  /** memory of programs (heap, stack) */
  readonly anonBytes: number;
  /** pages of files, which can be given back */
  readonly fileBytes: number;
  readonly activeFileBytes: number;
  readonly inactiveFileBytes: number;
  readonly activeAnonBytes: number;
  readonly inactiveAnonBytes: number;
  readonly sharedBytes: number;
  readonly mappedBytes: number;
  readonly dirtyBytes: number;
  readonly writebackBytes: number;
  readonly slabReclaimableBytes?: number;
  readonly slabUnreclaimableBytes?: number;
  readonly pageFaults: number;
  readonly majorPageFaults: number;
  /** how often the limit was hit */
  readonly limitHits?: number;
  readonly oomKills?: number;
}

export interface PidsStats {
  readonly current: number;
  /** undefined: no limit */
  readonly limit?: number;
  readonly peak?: number;
  /** forks that the limit refused */
  readonly refused?: number;
}

export interface DeviceStats {
  /** "8:0" */
  readonly device: string;
  readonly readBytes: number;
  readonly writtenBytes: number;
  readonly reads: number;
  readonly writes: number;
}

/**
 * Of the last 10, 60, 300 seconds: for how much of them at least one process waited
 * (`some`), or all of them did (`full`), in percent; `totalUs` since the group was
 * made.
 */
export interface Pressure {
  readonly some: PressureLine;
  readonly full?: PressureLine;
}

export interface PressureLine {
  readonly avg10: number;
  readonly avg60: number;
  readonly avg300: number;
  readonly totalUs: number;
}

export interface GroupEvents {
  /** whether there is a process in the group, or in one below it */
  readonly populated: boolean;
  readonly frozen: boolean;
  /** undefined: not counted here */
  readonly oomKills?: number;
  /** version 1 kills nobody: who asks for more memory sleeps until there is some */
  readonly waitsForMemory?: boolean;
  readonly refusedForks?: number;
}

/** `key value` lines; "max" and what is no number are left out. */
export function parseFlat(text: string | undefined): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  for (const line of text?.split('\n') ?? []) {
    const [key = '', value = ''] = line.trim().split(/\s+/);
    if (/^-?\d+$/.test(value)) values.set(key, Number(value));
  }
  return values;
}

/**
 * A single number; undefined for a missing file, and for "no limit" in either world.
 */
export function parseAmount(text: string | undefined): number | undefined {
  if (text === undefined || !/^-?\d+$/.test(text.trim())) return undefined;
  const amount = Number(text);
  return amount < 0 || amount > 2 ** 62 ? undefined : amount;
}

/** `some avg10=0.00 avg60=0.00 avg300=0.00 total=0`, and perhaps `full …`. */
export function parsePressure(text: string | undefined): Pressure | undefined {
  const some = pressureLine(text, 'some');
  const full = pressureLine(text, 'full');
  if (some === undefined) return undefined;
  return full === undefined ? { some } : { some, full };
}

function pressureLine(
  text: string | undefined,
  kind: string,
): PressureLine | undefined {
  const line = text?.split('\n').find(row => row.startsWith(`${kind} `));
  if (line === undefined) return undefined;
  const of = (key: string): number =>
    Number(new RegExp(`${key}=([\\d.]+)`).exec(line)?.[1] ?? 0);
  return {
    avg10: of('avg10'),
    avg60: of('avg60'),
    avg300: of('avg300'),
    totalUs: of('total'),
  };
}

/** The text of one file of a group; undefined when this kernel has no such file. */
export type Look = (file: string) => string | undefined;

/** The one controller whose files are the same in both worlds. */
export function pidsStats(look: Look): PidsStats {
  return counted<PidsStats>({
    current: parseAmount(look('pids.current')) ?? 0,
    limit: parseAmount(look('pids.max')),
    peak: parseAmount(look('pids.peak')),
    refused: parseFlat(look('pids.events')).get('max'),
  });
}

/** An object without its undefined members: what nobody counted is not there. */
export function counted<T extends object>(members: {
  [Key in keyof T]: T[Key] | undefined;
}): T {
  const present = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(present) as T;
}
