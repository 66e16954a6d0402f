// Checkpoints: black-box examinations of a program by what the kernel shows of it.
//
// - checkpoint/subject.ts: starts the program under examination on a stand-in for the host
// - checkpoint/processes.ts: what /proc says of a process
// - checkpoint/diagnosis.ts: a checkpoint, and which mistake a failure looks like
// - checkpoint/wrong-programs.ts: right programs with a mistake put in

export {
  diagnose,
  diagnosisOf,
  unless,
  type Checkpoint,
  type WrongAnswer,
} from './checkpoint/diagnosis.ts';
export { findByCommandLine, mountsOf, namespaceOf, read, status } from './checkpoint/processes.ts';
export {
  NeverStarted,
  ourSubject,
  runSubject,
  startSubject,
  subjectAt,
  subjectFrom,
  type RunningSubject,
  type Subject,
} from './checkpoint/subject.ts';
export { changedHoles, changedScript, type TextChange } from './checkpoint/wrong-programs.ts';
