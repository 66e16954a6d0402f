/**
 * The lab: what every experiment and every test of every chapter stands on.
 *
 * - experiments     experiment(), runExperiments(), Lab            experiment.ts
 * - requirements    unmet(), probe()                                requires.ts
 * - the guard       snapshot(), differences(), underGuard()         guard.ts
 * - the ledger      record(), settle(), undoAll()                   ledger.ts
 * - prose           runProse(), checkIncludes(), …                  prose.ts, holes/regions.ts
 * - exercises       generateExercise(), listHoles(), variant(), …   holes/exercise.ts
 *
 * Not here, because they bring the test runner along: check(), in '@slipway/lab/check.ts', and
 * proseTests(), in '@slipway/lab/suites/prose.ts'.
 * The lab is the bottom of the building: it imports nothing of ours.
 */
export { experiment, runExperiments, type Experiment, type ExperimentRun } from './experiment.ts';
export type { Lab } from './experiment/lab.ts';
export type { Check, Outcome, Verdict } from './experiment/report.ts';
export type { ShellResult } from './experiment/shell.ts';
export {
  changesSince,
  differences,
  guardMark,
  sentence,
  snapshot,
  underGuard,
  type Difference,
  type HostState,
} from './guard.ts';
export {
  ledgerPath,
  mountThing,
  netnsThing,
  readLedger,
  record,
  settle,
  sysctlThing,
  undoAll,
  type Entry,
  type Thing,
  type UndoOptions,
} from './ledger.ts';
export { generateExercise, listHoles, solutionDifference, variant } from './holes/exercise.ts';
export { extractRegion } from './holes/regions.ts';
export {
  checkIncludes,
  compareTranslations,
  readProse,
  renderIncludes,
  runProse,
} from './prose.ts';
export { firstUnmet, probe, unmet, type Probe, type Requirement } from './requires.ts';
export { scratchFolder, type ScratchFolder } from './scratch.ts';
