// The numbers of version 1 in the scales of version 2, and back.
//
// - weightOfShares, sharesOfWeight: cpu.shares 2…262144 (1024)  <->  cpu.weight 1…10000
//   (100)
// - ioWeightOfBlkioWeight: blkio.weight 10…1000  ->  io.weight 1…10000
// - swapOfMemorySwap: memory + swap together (v1, Docker)  ->  swap alone (v2)
//
// Shares: until 2025 the engines mapped the two ranges by a straight line, which took
// the default 1024 to 39, so a container lost to everything that had the default 100.
// The curve here goes through all three points (2→1, 1024→100, 262144→10000):
//   weight = ⌈10^((l² + 125·l) / 612 − 7/34)⌉ with l = log2(shares)
// It is that of github.com/opencontainers/cgroups since v0.0.3, used by runc since
// 1.3.2 and crun since 1.23. Weights of block I/O and swap: the same library's
// conversions.

export function weightOfShares(shares: number): number {
  if (shares <= 2) return 1;
  if (shares >= 262_144) return 10_000;
  const l = Math.log2(shares);
  return Math.ceil(10 ** ((l * l + 125 * l) / 612 - 7 / 34));
}

/** The shares whose weight this is: for showing a v2 group in Docker's words. */
export function sharesOfWeight(weight: number): number {
  if (weight <= 1) return 2;
  if (weight >= 10_000) return 262_144;
  const y = 612 * (Math.log10(weight) + 7 / 34);
  const shares = Math.floor(2 ** ((-125 + Math.sqrt(125 * 125 + 4 * y)) / 2));
  // The curve was rounded up: of the shares that give this weight take the greatest.
  return weightOfShares(shares + 1) <= weight ? shares + 1 : shares;
}

export function ioWeightOfBlkioWeight(weight: number): number {
  return Math.floor(1 + ((weight - 10) * 9999) / 990);
}

/** Swap alone; both given in bytes, -1 is no limit. */
export function swapOfMemorySwap(memorySwapBytes: number, memoryBytes: number): number {
  if (memorySwapBytes === -1) return -1;
  return memoryBytes === -1 ? memorySwapBytes : memorySwapBytes - memoryBytes;
}
