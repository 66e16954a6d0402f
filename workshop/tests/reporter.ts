/**
 * The vitest reporter of the workshop: sentences, failures in full, and what did not run and why.
 *
 * The outcome goes to the file named by SLIPWAY_OUTCOME, from which `workshop/test.ts` makes the
 * section NOT RUN and the closing line: so both are right even when Cargo's tests come after, or
 * vitest dies.
 */
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Reporter, SerializedError, TestCase, TestModule, Vitest } from 'vitest/node';
import type { NotRun, Outcome } from './outcome.ts';

export class SentenceReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestModuleEnd(module: TestModule): void {
    const cases = [...module.children.allTests()];
    const ran = cases.filter(one => one.result().state !== 'skipped').length;
    const failed = module.state() === 'failed';
    const seconds = (module.diagnostic().duration / 1000).toFixed(1);
    this.#print(`${failed ? 'FAIL' : ' ok '}  ${this.#file(module)}  ${ran} in ${seconds} s`);
    for (const one of cases) this.#sentence(one);
    for (const error of module.errors()) this.#error(error, module);
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    for (const error of unhandled) this.#error(error);
    const outcome = this.#outcome(modules, unhandled);
    const file = process.env['SLIPWAY_OUTCOME'];
    if (file !== undefined) writeFileSync(file, JSON.stringify(outcome));
  }

  #sentence(one: TestCase): void {
    const { state } = one.result();
    if (state === 'passed') this.#print(`      ok    ${one.fullName}`);
    if (state === 'skipped' && !this.#deselected(one)) this.#print(`      -     ${one.fullName}`);
    if (state !== 'failed') return;
    this.#print(`      FAIL  ${one.fullName}`);
    for (const error of one.result().errors ?? []) this.#error(error, one.module);
  }

  #outcome(modules: readonly TestModule[], unhandled: readonly SerializedError[]): Outcome {
    const cases = modules.flatMap(module => [...module.children.allTests()]);
    const left = cases.filter(one => one.result().state === 'skipped' && !this.#deselected(one));
    const silent = left.filter(one => note(one) === undefined);
    return {
      passed: cases.filter(one => one.result().state === 'passed').length,
      failed: cases.filter(one => one.result().state === 'failed').length,
      notRun: left.filter(one => note(one) !== undefined).map(one => this.#notRun(one)),
      broken: [
        ...silent.map(one => `skipped without a reason: ${this.#name(one)}`),
        ...modules
          .filter(module => module.errors().length > 0)
          .map(module => `${this.#file(module)} failed outside its tests`),
        ...unhandled.map(error => `an error outside any test: ${error.message}`),
      ],
    };
  }

  /** A test left out by `-t` was not asked for. */
  #deselected(one: TestCase): boolean {
    return note(one) === undefined && this.#vitest?.config.testNamePattern !== undefined;
  }

  #notRun(one: TestCase): NotRun {
    return { name: this.#name(one), reason: (note(one) ?? '').replace(/^NOT RUN: /, '') };
  }

  #name(one: TestCase): string {
    return `${this.#file(one.module)} > ${one.fullName}`;
  }

  #file(module: TestModule): string {
    return relative(this.#vitest?.config.root ?? '', module.moduleId);
  }

  #error(error: SerializedError, module?: TestModule): void {
    const project = module?.project;
    this.#vitest?.logger.printError(error, project === undefined ? {} : { project });
  }

  #print(line: string): void {
    this.#vitest?.logger.log(line);
  }
}

function note(one: TestCase): string | undefined {
  const result = one.result();
  return result.state === 'skipped' ? result.note : undefined;
}
