// Places where a test ends the daemon at once, as `kill -9` or a power cut would.
//
// - `failpoints`: their names, `verb.step`; a test goes through all of them
// - `failpoint(name)`: does nothing, unless SLIPWAY_FAILPOINT names it: then the process ends there
//
// One stands behind each step that leaves something on the host or on the disk, so that the next
// daemon finds every half of what there is. The variable is read once, when the daemon begins. A
// step that is new gets a name here, and the test fails if nobody comes by it.

export const failpoints = [
  ...['create.named', 'create.layers', 'create.volumes', 'create.files', 'create.recorded'],
  ...['start.folders', 'start.network', 'start.networksNoted', 'start.tree', 'start.volumes'],
  ...['start.keeper', 'start.groups', 'start.connected', 'start.config'],
  ...['start.held', 'start.runs', 'start.recorded'],
  ...['stop.marked', 'stop.signalled', 'stop.ended', 'stop.processes', 'stop.network'],
  ...['stop.mounts', 'stop.recorded', 'stop.folder'],
  ...['rm.marked', 'rm.network', 'rm.layers', 'rm.folder', 'rm.volumes', 'rm.forgotten'],
  ...['load.staged', 'load.checked', 'load.placed', 'load.shown', 'load.named'],
  ...['commit.frozen', 'commit.staged', 'commit.placed', 'commit.shown', 'commit.named'],
] as const;

export type Failpoint = (typeof failpoints)[number];

const chosen = process.env['SLIPWAY_FAILPOINT'];

export const failpoint: (name: Failpoint) => void =
  chosen === undefined
    ? () => undefined
    : name => {
        if (name === chosen) process.kill(process.pid, 'SIGKILL');
      };
