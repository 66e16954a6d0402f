// Names of images: `registry.example.org:5000/deep/name:tag@sha256:…`, and `busybox` for short.
//
// - `parseReference(text)`: → Reference, with its domain said; `parseAnyReference`: or an id
// - `familiarName(reference)`, `familiarText`: as Docker's users write it
// - `fullName(reference)`, `fullText`: as it is kept
// - `withDefaultTag(reference)`, `withTag(reference, tag)`
//
//     reference  name [ ":" tag ] [ "@" digest ]
//     name       [ domain "/" ] path
//     domain     host [ ":" port ]            only with a dot, a port, capitals, or "localhost"
//     path       part ( "/" part )*           part: a-z0-9, between them . _ __ or some -
//     tag        word ( word | . | - ){0,127}
//     digest     algorithm ":" hexadecimal
//
// Nothing else reaches a path or the graph. What has no domain is Docker Hub's (`docker.io`), and
// what has no folder there is in `library/`. The texts are those that Docker's users know.
// Source: the grammar of github.com/distribution/reference.

import { invalid } from '../engine/refusal.ts';
import { isDigest, type Digest } from '../libcontainer/layers.ts';

export interface Reference {
  readonly domain: string;
  readonly path: string;
  readonly tag?: string;
  readonly digest?: string;
}

const hub = 'docker.io';
const library = 'library/';

const label = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const host = `(?:${label}(?:\\.${label})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const part = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const tagForm = '[0-9A-Za-z_][0-9A-Za-z_.-]{0,127}';
const digestForm = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';

const whole = new RegExp(
  `^(${host})/(${part}(?:/${part})*)(?::(${tagForm}))?(?:@(${digestForm}))?$`,
);
const wholeTag = new RegExp(`^${tagForm}$`);

const longestPath = 255;

/** @throws Refusal INVALID in Docker's words */
export function parseReference(text: string): Reference {
  if (/^[0-9a-f]{64}$/.test(text)) {
    const why = 'cannot specify 64-byte hexadecimal strings';
    throw invalid(`invalid repository name (${text}), ${why}`);
  }
  const { domain, remainder } = split(text);
  const remote = remainder.split(':', 1)[0] ?? '';
  if (remote.toLowerCase() !== remote) {
    throw invalid(`invalid reference format: repository name (${remote}) must be lowercase`);
  }
  const [, foundDomain = '', path = '', tag, digest] = whole.exec(`${domain}/${remainder}`) ?? [];
  if (path === '') throw invalid('invalid reference format');
  if (path.length > longestPath) {
    throw invalid(`repository name must not be more than ${longestPath} characters`);
  }
  if (digest !== undefined) checkDigest(digest);
  return { domain: foundDomain, path, ...(tag && { tag }), ...(digest && { digest }) };
}

export type AnyReference =
  | { readonly kind: 'id'; readonly id: Digest }
  | ({ readonly kind: 'named' } & Named);

interface Named {
  readonly reference: Reference;
}

/** A whole id, with its algorithm or without, or a name. @throws Refusal INVALID */
export function parseAnyReference(text: string): AnyReference {
  const id = /^[0-9a-f]{64}$/.test(text) ? `sha256:${text}` : text;
  if (isDigest(id)) return { kind: 'id', id };
  return { kind: 'named', reference: parseReference(text) };
}

/** Before the first slash stands a domain only if it cannot be a folder. */
function split(text: string): { readonly domain: string; readonly remainder: string } {
  const slash = text.indexOf('/');
  if (slash === -1) return { domain: hub, remainder: `${library}${text}` };
  const first = text.slice(0, slash);
  const rest = text.slice(slash + 1);
  const isDomain = first === 'localhost' || /[.:]/.test(first) || first.toLowerCase() !== first;
  const domain = isDomain && first !== 'index.docker.io' ? first : hub;
  const remainder = isDomain ? rest : text;
  const isOfficial = domain === hub && !remainder.includes('/');
  return { domain, remainder: isOfficial ? `${library}${remainder}` : remainder };
}

const digestLengths: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

function checkDigest(digest: string): void {
  const [algorithm = '', digits = ''] = digest.split(':');
  const length = digestLengths[algorithm];
  if (length === undefined) throw invalid('unsupported digest algorithm');
  if (digits.length !== length) throw invalid('invalid checksum digest length');
  if (!/^[0-9a-f]+$/.test(digits)) throw invalid('invalid checksum digest format');
}

/** `docker.io/library/busybox`: what tags and digests belong to. */
export function fullName({ domain, path }: Reference): string {
  return `${domain}/${path}`;
}

export function fullText(reference: Reference): string {
  return `${fullName(reference)}${suffix(reference)}`;
}

export function familiarName({ domain, path }: Reference): string {
  if (domain !== hub) return `${domain}/${path}`;
  const inLibrary = path.startsWith(library) && !path.slice(library.length).includes('/');
  if (inLibrary) return path.slice(library.length);
  // Where its first folder would be taken for a domain, the domain is said.
  return split(path).domain === hub ? path : `${domain}/${path}`;
}

export function familiarText(reference: Reference): string {
  return `${familiarName(reference)}${suffix(reference)}`;
}

function suffix({ tag, digest }: Reference): string {
  return `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** `latest`, unless a tag or a digest is said. */
export function withDefaultTag(reference: Reference): Reference {
  const { tag, digest } = reference;
  return tag === undefined && digest === undefined ? { ...reference, tag: 'latest' } : reference;
}

/** @throws Refusal INVALID */
function withTag({ domain, path }: Reference, tag: string): Reference {
  if (!wholeTag.test(tag)) throw invalid('invalid tag format');
  return { domain, path, tag };
}

/**
 * A repository and a tag, as `tag`, `import` and `commit` are told them.
 *
 * @returns undefined if no repository is said. @throws Refusal INVALID
 */
export function repositoryAndTag(repository: string, tag: string): Reference | undefined {
  if (repository === '') return undefined;
  const reference = parseReference(repository);
  if (reference.digest !== undefined) throw invalid('cannot import digest reference');
  return tag === '' ? withDefaultTag(reference) : withTag(reference, tag);
}
