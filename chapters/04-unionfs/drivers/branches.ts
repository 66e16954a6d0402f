// The layers of a tree as aufs lists them in /sys/fs/aufs/si_*/br*.
//
// - `branchesOf(ids, writable)`: the highest first
//
//     6e3be5d2ecccae7cc0fc=rw            what the container writes
//     6e3be5d2ecccae7cc0fc-init=ro+wh    /etc/hosts and its kin
//     32e8e20064858c0f2b6a=ro+wh         the image
//
// `ro+wh`: nothing is written there, and a whiteout in it counts. Source: aufs(5).

export function branchesOf(ids: readonly string[], writable: boolean): string[] {
  return ids.map((id, index) => `${id}=${writable && index === 0 ? 'rw' : 'ro+wh'}`);
}
