/**
 * A console block as steps: what is typed, what is typed into that, and what then stands there.
 *
 * - readSteps(file, fence)   the steps in order, and whether one of them wants root's prompt
 *
 *     $ or #            a command; goes on after a backslash, or on lines that begin with `> `
 *     / # , bash-5.2$   typed into the command before it, as in a container's shell
 *     anything else     output
 *
 * So a line of output that looks like a command can only be hidden behind a `…`.
 */

export interface Step {
  readonly line: number;
  /** As typed, perhaps of several lines. */
  readonly command: string;
  /** Typed into the running command, with an end of file behind it. */
  readonly input: readonly string[];
  readonly expected: readonly ExpectedLine[];
}

export interface ExpectedLine {
  readonly line: number;
  readonly text: string;
}

interface Fence {
  readonly line: number;
  readonly content: readonly string[];
}

export const innerPrompt = /^(?:\/\S* |~ |(?:ba)?sh-[\d.]+)[#$](?: |$)/;

export function readSteps(
  file: string,
  fence: Fence,
): { readonly steps: readonly Step[]; readonly asRoot: boolean } {
  const steps: Growing[] = [];
  let asRoot = false;
  for (const [index, text] of fence.content.entries()) {
    const line = fence.line + index + 1;
    const [, prompt, command] = /^([$#]) (.+)$/.exec(text) ?? [];
    const step = steps.at(-1);
    if (step !== undefined && goesOn(step.typing, text)) {
      step.typing.push(text.replace(/^> ?/, ''));
    } else if (command !== undefined) {
      asRoot ||= prompt === '#';
      const lines = [command];
      steps.push({ line, commandLines: lines, input: [], expected: [], typing: lines });
    } else if (step === undefined) {
      throw new Error(`${file}:${line}: a console block begins with a command, "$ …" or "# …"`);
    } else if (innerPrompt.test(text)) {
      step.input.push(text.replace(innerPrompt, ''));
      step.typing = step.input;
    } else {
      step.expected.push({ line, text });
      step.typing = [];
    }
  }
  if (steps.length === 0) throw new Error(`${file}:${fence.line}: the console block is empty`);
  return { steps: steps.map(finished), asRoot };
}

interface Growing {
  readonly line: number;
  readonly commandLines: readonly string[];
  readonly input: string[];
  readonly expected: ExpectedLine[];
  /** The lines that the next one may go on; empty while output is read. */
  typing: string[];
}

function goesOn(typing: readonly string[], text: string): boolean {
  const last = typing.at(-1);
  if (last === undefined) return false;
  return last.endsWith('\\') || text === '>' || text.startsWith('> ');
}

function finished({ line, commandLines, input, expected }: Growing): Step {
  // The empty line before the next command is for the reader's eye.
  const end = expected.findLastIndex(one => one.text.trim() !== '');
  return { line, command: commandLines.join('\n'), input, expected: expected.slice(0, end + 1) };
}
