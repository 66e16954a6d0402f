// What makes a program wrong before any of it has run.
//
// - `checkProgram`: every broken rule, as a sentence; an empty list for a good program
// - `ProgramError`: what `spawn` throws for a bad one
//
// The rules are about *order* and *place*: the kernel would refuse some of these programs half
// way, and run the others with a result that nobody wants (a mount that leaks to the host).

import { step as constructors, type Namespace, type Step } from './program.ts';

/** A program that was refused before anything ran. */
export class ProgramError extends Error {
  override readonly name = 'ProgramError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(`the program is not run: ${problems.join('; ')}`);
    this.problems = problems;
  }
}

/** The parts of a request that the rules look at. */
export interface CheckedRequest {
  readonly namespaces?: readonly Namespace[];
  readonly program: readonly Step[];
  /** How many descriptors are handed to the init. */
  readonly descriptorCount?: number;
}

/** The sentences that say what is wrong with `request`, with the number of the step. */
export function checkProgram(request: CheckedRequest): readonly string[] {
  const { program } = request;
  const problems: string[] = [];
  const last = program.at(-1);
  if (last?.call !== 'exec' && last?.call !== 'keep') {
    problems.push('the last step must be exec: without it the container has no application');
  }
  const state = new OrderState(request.namespaces ?? [], request.descriptorCount ?? 0);
  for (const [index, step] of program.entries()) {
    if ((step.call === 'exec' || step.call === 'keep') && index !== program.length - 1) {
      problems.push(`step ${index} (${step.call}): the steps after it can never run`);
    }
    if (!Object.hasOwn(constructors, step.call)) {
      problems.push(`step ${index} (${step.call}): there is no such step`);
      continue;
    }
    for (const problem of state.take(step)) {
      problems.push(`step ${index} (${step.call}): ${problem}`);
    }
  }
  return [...problems, ...state.atTheEnd()];
}

/** A barrier's name travels in each report of it. */
const longestName = 255;

const ownMounts = "add a mount namespace and make '/' private first";

/** What is known about the child at one point of the program. */
class OrderState {
  readonly #own: Set<Namespace>;
  readonly #descriptorCount: number;
  /** Unshared or joined, and waiting for a child: the `pid` and `time` kinds. */
  readonly #forNextChild = new Set<Namespace>();
  #mountsAreOurs = false;
  #session = false;
  /** The first process of a PID namespace may have no child of its parent's (clone(2)). */
  #isFirst: boolean;
  /** The next child will be that first process. */
  #makesFirst = false;
  #root: 'host' | 'attached' | 'own' = 'host';
  #hasProc = false;
  #grantsNothing = false;
  #mayFilter = true;

  constructor(namespaces: readonly Namespace[], descriptorCount: number) {
    this.#own = new Set(namespaces);
    this.#isFirst = this.#own.has('pid');
    this.#descriptorCount = descriptorCount;
  }

  take(step: Step): readonly string[] {
    switch (step.call) {
      case 'unshare':
      case 'setns':
        return this.#enter(step);
      case 'setTimeOffsets':
        return this.#forNextChild.has('time')
          ? []
          : ['there is no time namespace to set: unshare it first, and fork only afterwards'];
      case 'fork':
        return this.#fork(step.namespaces);
      case 'setHostname':
      case 'setDomainname':
        return this.#own.has('uts')
          ? []
          : ['without a uts namespace this would rename the host: add uts'];
      case 'setPropagation':
        return this.#changePropagation(step);
      case 'mount':
      case 'mountProc':
        return this.#mount(step);
      case 'newSession':
      case 'openTerminal':
        return this.#startSession();
      case 'exec':
        return step.argv.length === 0 ? ['it names no program'] : [];
      case 'keep':
        return this.#handedOver(step.connection);
      case 'attach':
        return [...this.#handedOver(step.descriptor), ...this.#attach(step.target)];
      case 'pivotRoot':
        return this.#pivot();
      case 'maskPaths':
      case 'protectPaths':
      case 'makeRootReadOnly':
        return this.#mountsAreOurs ? [] : [`it would change the host's own files: ${ownMounts}`];
      case 'makeDevice':
      case 'makeLink':
      case 'makeFolder':
        return this.#root === 'attached'
          ? []
          : [`${step.path} would be made in the host's root: attach a root first`];
      case 'stayAsInit':
        return this.#own.has('pid') ? [] : ['only PID 1 reaps orphans: add pid'];
      case 'barrier':
        return step.name.length <= longestName
          ? []
          : [`its name has ${step.name.length} characters, more than ${longestName}`];
      case 'setSysctl':
        return this.#setSysctl(step.name);
      case 'setCapabilities':
      case 'noNewPrivileges':
      case 'installSeccomp':
        return this.#changeRights(step);
      case 'setIds':
      case 'setOomScore':
      case 'setRlimit':
      case 'setUmask':
      case 'changeDirectory':
      case 'changeRoot':
        return [];
    }
  }

  atTheEnd(): readonly string[] {
    return this.#forNextChild.has('pid')
      ? ['a new pid namespace takes in only children: add a fork after the unshare or setns']
      : [];
  }

  #enter(step: Extract<Step, { call: 'unshare' | 'setns' }>): readonly string[] {
    for (const kind of step.namespaces) {
      if (kind === 'pid' || kind === 'time') this.#forNextChild.add(kind);
      else this.#own.add(kind);
    }
    if (step.namespaces.includes('pid')) this.#makesFirst = step.call === 'unshare';
    if (step.call === 'unshare') return [];
    // Whoever joins another's mount namespace works on its mounts, by its rules.
    if (step.namespaces.includes('mount')) this.#mountsAreOurs = true;
    return this.#handedOver(step.descriptor);
  }

  #handedOver(descriptor: number): readonly string[] {
    return descriptor < this.#descriptorCount
      ? []
      : [`descriptor ${descriptor} is not handed over: ${this.#descriptorCount} are`];
  }

  #attach(target: string): readonly string[] {
    if (!this.#mountsAreOurs) return [`it would be seen on the host: ${ownMounts}`];
    if (target === '/') this.#root = 'attached';
    return [];
  }

  #pivot(): readonly string[] {
    const before = this.#root;
    this.#root = 'own';
    return before === 'attached' ? [] : ["there is no root to pivot into: attach one to '/' first"];
  }

  #fork(namespaces: readonly Namespace[]): readonly string[] {
    if (this.#isFirst) {
      return [
        'the first process of a pid namespace cannot hand over to a child: ' +
          'leave pid to this fork, or unshare it right before',
      ];
    }
    this.#isFirst = this.#makesFirst || namespaces.includes('pid');
    this.#makesFirst = false;
    for (const kind of [...this.#forNextChild, ...namespaces]) this.#own.add(kind);
    this.#forNextChild.clear();
    this.#session = false;
    return [];
  }

  #changePropagation(step: Extract<Step, { call: 'setPropagation' }>): readonly string[] {
    if (!this.#own.has('mount')) {
      return ['without a mount namespace this would change the host: add mount'];
    }
    const cutsOff = step.propagation === 'private' || step.propagation === 'slave';
    if (cutsOff && step.target === '/' && step.recursive) this.#mountsAreOurs = true;
    return [];
  }

  #mount(step: Extract<Step, { call: 'mount' | 'mountProc' }>): readonly string[] {
    if (!this.#own.has('mount')) {
      return ['without a mount namespace this would mount on the host: add mount'];
    }
    if (!this.#mountsAreOurs) {
      return [
        `${step.target} would be mounted on the host as well: ` +
          "a new mount namespace shares its mounts, make '/' private first",
      ];
    }
    if (step.call === 'mountProc') this.#hasProc = true;
    return [];
  }

  /** Only below a proc of its own, so that no link can lead the write elsewhere. */
  #setSysctl(name: string): readonly string[] {
    if (!/^[a-zA-Z0-9_.:@-]+(\/[a-zA-Z0-9_.:@-]+)*$/.test(name) || name.includes('..')) {
      return [`${JSON.stringify(name)} is no name below /proc/sys`];
    }
    return this.#hasProc ? [] : [`${name} would be the host's: mountProc comes first`];
  }

  #changeRights(
    step: Extract<Step, { call: 'setCapabilities' | 'noNewPrivileges' | 'installSeccomp' }>,
  ): readonly string[] {
    if (step.call === 'noNewPrivileges') {
      this.#grantsNothing = true;
      return [];
    }
    if (step.call === 'setCapabilities') {
      this.#mayFilter = step.effective.includes('CAP_SYS_ADMIN');
      return [];
    }
    const allowed = this.#grantsNothing || this.#mayFilter;
    const problem =
      'without noNewPrivileges a filter takes the rights that setCapabilities gave up';
    return [
      ...this.#handedOver(step.descriptor),
      ...(allowed ? [] : [`${problem}: put it before`]),
    ];
  }

  #startSession(): readonly string[] {
    const again = this.#session;
    this.#session = true;
    return again ? ['the process leads a session already, and setsid would be refused'] : [];
  }
}
