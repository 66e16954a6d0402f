// The processors that a group sees.
//
// - shownProcessors(cpus, limit): which of the host's are shown
// - cpuinfoText(host, shown): /proc/cpuinfo with those, numbered from 0
//
// A program that starts a thread for each processor wants to know how many can work at
// once: with time for 1.5 processors that is two, even if the group may roam over
// sixty-four.

export function shownProcessors(
  cpus: readonly number[],
  limitCpus: number | undefined,
): readonly number[] {
  const most = limitCpus === undefined ? cpus.length : Math.ceil(limitCpus);
  return cpus.slice(0, Math.max(1, most));
}

/** One block a processor; a block without a number (on ARM: the board) stays. */
export function cpuinfoText(host: string, shown: readonly number[]): string {
  return host
    .split(/\n\n/)
    .flatMap(block => {
      const number = /^processor\s*: (\d+)$/m.exec(block)?.[1];
      if (number === undefined) return [block];
      const place = shown.indexOf(Number(number));
      return place < 0 ? [] : [renumber(block, place, shown.length)];
    })
    .join('\n\n');
}

function renumber(block: string, place: number, count: number): string {
  return block
    .replace(/^(processor\s*: )\d+$/m, `$1${place}`)
    .replace(/^(siblings\s*: )\d+$/m, `$1${count}`)
    .replace(/^(cpu cores\s*: )\d+$/m, `$1${count}`);
}
