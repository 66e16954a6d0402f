/**
 * Prose as a test: what a chapter's text shows is what a reader sees.
 *
 * - readProse(file)              a Markdown document: console blocks, included code, patterns
 * - runProse(file, options)      types every console block into a real terminal and compares
 * - checkIncludes(file)          included code that is not what the source says
 * - renderIncludes(file)         the document with the code as the source says it now
 * - compareTranslations(a, b)    the first command, output or code in which two languages differ
 * - proseTests(file)             one vitest test a block: '@slipway/lab/suites/prose.ts'
 *
 * The notation in a document:
 *
 *     <!-- prose: blocks=9 -->                   at least so many console blocks
 *     <!-- pattern: <pid> = \d+ -->              what <pid> stands for in an expected output
 *     ```console needs=root,tool:busybox         NOT RUN where a need is unmet; limit=SECONDS
 *     $ cat <<END                                typed by anyone; with `# ` by root
 *     > more of the same command                 as a line does that follows a backslash
 *     …                                          any number of lines
 *     $ busybox sh
 *     / # ps                                     typed into the command before
 *     ```
 *     ```ts file=container.ts#region-name        the text of a region (holes/regions.ts)
 */
export { readProse } from './prose/document.ts';
export { checkIncludes, renderIncludes } from './prose/includes.ts';
export { runProse } from './prose/run.ts';
export { compareTranslations } from './prose/translations.ts';
