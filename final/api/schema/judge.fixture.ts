// The published schema of Docker's API, and an answer that is held against it.
//
// - `readSchema(version)`: `1.45`, `1.51`
// - `schema.judge(operation, status, answer)`: what differs, one a line
//
//     GET /containers/{id}/json 200 State.Pid: a string instead of an integer
//
// The files beside this one are derived from api/swagger.yaml of moby (Apache License 2.0): types,
// required fields and values of what is answered. Nothing is said there of what Go writes for an
// empty list or map, so `null` is taken for either.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

interface Node {
  readonly type?: string | undefined;
  readonly required?: readonly string[] | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly 'x-nullable'?: boolean | undefined;
  readonly $ref?: string | undefined;
  readonly properties?: Readonly<Record<string, Node>> | undefined;
  readonly items?: Node | undefined;
  readonly additionalProperties?: Node | undefined;
  readonly allOf?: readonly Node[] | undefined;
}

const node: z.ZodType<Node> = z.lazy(() =>
  z.object({
    type: z.string().optional(),
    required: z.array(z.string()).optional(),
    enum: z.array(z.unknown()).optional(),
    'x-nullable': z.boolean().optional(),
    $ref: z.string().optional(),
    properties: z.record(z.string(), node).optional(),
    items: node.optional(),
    additionalProperties: node.optional(),
    allOf: z.array(node).optional(),
  }),
);

const document = z.object({
  source: z.string(),
  operations: z.record(z.string(), z.record(z.string(), node.nullable())),
  definitions: z.record(z.string(), node),
});

export interface Schema {
  readonly operations: readonly string[];
  /** What an operation may answer with a status; undefined for what is not published. */
  has(operation: string, status: number): boolean;
  judge(operation: string, status: number, answer: unknown): readonly string[];
}

export function readSchema(version: string): Schema {
  const file = join(import.meta.dirname, `v${version}.json`);
  const { operations, definitions } = document.parse(JSON.parse(readFileSync(file, 'utf8')));
  const judge = new Judge(definitions);
  return {
    operations: Object.keys(operations),
    has: (operation, status) => operations[operation]?.[status] !== undefined,
    judge: (operation, status, answer) => {
      const answers = operations[operation];
      if (answers === undefined) return [`${operation}: it is not published`];
      const wanted = answers[status];
      if (wanted === undefined) return [`${operation}: the status ${status} is not published`];
      if (wanted === null) return [];
      return judge.look(wanted, answer, '').map(line => `${operation} ${status} ${line}`);
    },
  };
}

class Judge {
  readonly #definitions: Readonly<Record<string, Node>>;

  constructor(definitions: Readonly<Record<string, Node>>) {
    this.#definitions = definitions;
  }

  look(written: Node, value: unknown, at: string): readonly string[] {
    const wanted = this.#whole(written);
    const { type, items } = wanted;
    const isList = type === 'array' || type === 'object' || type === undefined;
    if (value === null) {
      return isList || wanted['x-nullable'] === true ? [] : [`${at}: null instead of ${type}`];
    }
    if (type !== undefined && !isOf(type, value)) {
      return [`${at}: ${kindOf(value)} instead of ${type}`];
    }
    if (wanted.enum?.some(one => isDeepStrictEqual(one, value)) === false) {
      return [`${at}: ${JSON.stringify(value)} is none of ${JSON.stringify(wanted.enum)}`];
    }
    if (Array.isArray(value)) {
      return items === undefined ? [] : value.flatMap(item => this.look(items, item, `${at}[]`));
    }
    return typeof value === 'object' ? this.#fields(wanted, value, at) : [];
  }

  #fields(wanted: Node, value: object, at: string): readonly string[] {
    const { properties, additionalProperties: others, required = [] } = wanted;
    if (properties === undefined && others === undefined) return [];
    const name = (field: string): string => (at === '' ? field : `${at}.${field}`);
    const missing = required
      .filter(field => !Object.hasOwn(value, field))
      .map(field => `${name(field)}: it is missing`);
    const found = Object.entries(value).flatMap(([field, inner]) => {
      const known = properties?.[field] ?? others;
      if (known !== undefined) return this.look(known, inner, name(field));
      return [`${name(field)}: an unknown field`];
    });
    return [...missing, ...found];
  }

  #whole(written: Node): Node {
    const reference = written.$ref?.split('/').at(-1);
    const own = reference === undefined ? written : this.#definitions[reference];
    if (own === undefined) throw new Error(`there is no definition of ${reference}`);
    if (reference !== undefined) return this.#whole(own);
    const parts = [...(own.allOf ?? []).map(part => this.#whole(part)), own];
    const merged = Object.assign({}, ...parts.map(({ properties }) => properties));
    return {
      ...own,
      type: parts.findLast(({ type }) => type !== undefined)?.type,
      required: parts.flatMap(({ required = [] }) => required),
      ...(Object.keys(merged).length > 0 && { properties: merged }),
    };
  }
}

function kindOf(value: unknown): string {
  return Array.isArray(value) ? 'array' : typeof value;
}

function isOf(type: string, value: unknown): boolean {
  if (type === 'integer') return Number.isInteger(value);
  return kindOf(value) === type;
}
