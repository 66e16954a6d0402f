/**
 * Code in prose comes from the source, by the name of a region.
 *
 * - checkIncludes(file)    one finding, with file:line, for each block that is not as the source
 * - renderIncludes(file)   the document as it should be; workshop/generate.ts writes it
 *
 * @throws Error for a region that there is not, or that would show a part of the exercise
 */
import { dirname, join } from 'node:path';
import { extractRegion } from '../holes/regions.ts';
import { readProse, type Document, type Include } from './document.ts';

export function checkIncludes(file: string): readonly string[] {
  return readProse(file).includes.flatMap(include => finding(file, include) ?? []);
}

export function renderIncludes(file: string): string {
  const document = readProse(file);
  const lines = document.text.split('\n');
  for (const include of document.includes.toReversed()) {
    // In a list the code stands as deep as its fence, which may follow the list's own mark.
    const margin = ' '.repeat((lines[include.line - 1] ?? '').search(/[`~]/));
    const code = regionLines(document, include).map(line => (line ? `${margin}${line}` : line));
    lines.splice(include.line, include.content.length, ...code);
  }
  return lines.join('\n');
}

function finding(file: string, include: Include): string | undefined {
  try {
    const wanted = regionLines({ file }, include);
    const length = Math.max(wanted.length, include.content.length);
    const index = Array.from({ length }).findIndex((_, at) => wanted[at] !== include.content[at]);
    if (index === -1) return undefined;
    const [said, is] = [include.content[index], wanted[index]].map(line => line ?? 'nothing more');
    const place = `${file}:${include.line + index + 1}`;
    return `${place}: ${include.source}#${include.region} has "${is}", the prose "${said}"`;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return `${file}:${include.line}: ${message}`;
  }
}

function regionLines(
  { file }: Pick<Document, 'file'>,
  { source, region }: Include,
): readonly string[] {
  return extractRegion(join(dirname(file), source), region).split('\n');
}
