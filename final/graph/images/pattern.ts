// Names of images by pattern: `docker images 'bus*'`, `-f reference=…`.
//
// - `matchesReference(pattern, reference)`: against the familiar name, with its tag or without
//
// `*` and `?` stop at a slash, `[a-z]` is one of them, `\` takes away a meaning: Go's path.Match.

import { invalid } from '../../engine/refusal.ts';
import { familiarName, familiarText, type Reference } from '../reference.ts';

/** @throws Refusal INVALID for a pattern that is none */
export function matchesReference(pattern: string, reference: Reference): boolean {
  const expression = expressionOf(pattern);
  return [familiarText(reference), familiarName(reference)].some(text => expression.test(text));
}

const longest = 512;

function expressionOf(pattern: string): RegExp {
  const parts = pattern.match(/\\.|\[\^?(?:\\.|[^\]\\])+\]|[^[\]\\]/gsu) ?? [];
  if (parts.join('') !== pattern || pattern.length > longest) {
    throw invalid(`invalid filter 'reference=[${pattern}]'`);
  }
  // Two stars in a row say no more than one, but would be tried in all ways.
  const kept = parts.filter((part, index) => part !== '*' || parts[index - 1] !== '*');
  try {
    return new RegExp(`^${kept.map(translated).join('')}$`, 'su');
  } catch (cause) {
    throw invalid(`invalid filter 'reference=[${pattern}]'`, { cause });
  }
}

function translated(part: string): string {
  if (part === '*') return '[^/]*';
  if (part === '?') return '[^/]';
  if (part.startsWith('[')) return part;
  const meant = part.startsWith('\\') ? part.slice(1) : part;
  return meant.replace(/[$()*+./?[\\\]^{|}]/, '\\$&');
}
