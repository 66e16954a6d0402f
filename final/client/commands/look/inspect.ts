// slipway inspect NAME...
//
// - `run`   a container, image, network or volume, whichever is called so

import { grammar, parse, type Context, type Run } from '../../command.ts';
import { ApiFailure, Failure } from '../../failure.ts';
import { template } from '../../output/template/template.ts';
import { jsonOf } from '../../output/template/values.ts';
import type { Api } from '../../transport.ts';

interface Options {
  readonly type?: string;
  readonly format?: string;
  readonly size?: boolean;
}

const paths: Readonly<Record<string, (name: string) => string>> = {
  container: name => `/containers/${name}/json`,
  image: name => `/images/${name}/json`,
  network: name => `/networks/${name}`,
  volume: name => `/volumes/${name}`,
};

export const run: Run = async (args, context) => {
  const command = grammar('inspect [OPTIONS] NAME|ID [NAME|ID...]', 'Show all about an object')
    .option('--type <kind>', 'container, image, network or volume')
    .option('-s, --size', 'with the sizes of a container')
    .option('-v, --verbose', 'all of a network: so it is anyway')
    .option('-f, --format <template>', 'a template, or json');
  const { options, args: names } = parse<Options>(command, args, 1);
  const { type } = options;
  if (type !== undefined && paths[type] === undefined) {
    const known = Object.keys(paths)
      .map(kind => JSON.stringify(kind))
      .join(', ');
    throw new Failure(`unknown type: ${JSON.stringify(type)}: must be one of ${known}`);
  }
  const show = shower(options.format);
  const found: unknown[] = [];
  const missing: string[] = [];
  for (const name of names) {
    const one = await look(context.api, name, options);
    if (typeof one === 'string') missing.push(one);
    else found.push(one.value);
  }
  return print(context, () => show(found), missing);
};

interface Found {
  readonly value: unknown;
}

/** What it is, or why there is none. */
async function look(api: Api, name: string, { type, size }: Options): Promise<Found | string> {
  let why = `Error: No such object: ${name}`;
  for (const kind of type === undefined ? Object.keys(paths) : [type]) {
    const path = paths[kind]?.(name) ?? '';
    try {
      return { value: await api.json({ path, query: { size: kind === 'container' && size } }) };
    } catch (error) {
      const isAbsent =
        error instanceof ApiFailure && (error.status === 404 || error.status === 400);
      if (!isAbsent) throw error;
      if (type !== undefined) why = error.message;
    }
  }
  return why;
}

function print({ out, err }: Context, text: () => string, missing: readonly string[]): number {
  let status = missing.length > 0 ? 1 : 0;
  try {
    out.write(text());
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    out.write('\n');
    err.write(`${error.message}\n`);
    status = 1;
  }
  for (const why of missing) err.write(`${why}\n`);
  return status;
}

function shower(format: string | undefined): (found: readonly unknown[]) => string {
  if (format === undefined || format === '') {
    return found => (found.length === 0 ? '[]\n' : `${indented(found)}\n`);
  }
  if (format === 'json') return found => `${jsonOf(found)}\n`;
  const complaint = 'template parsing error';
  const { render } = template(format, {
    ...{ complaint, exitStatus: 64 },
    missing: name => `map has no entry for key ${JSON.stringify(name)}`,
  });
  return found => {
    if (found.length === 0) return '\n';
    try {
      return found.map(one => `${render(one)}\n`).join('');
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      throw new Failure(error.message.replace('failed to execute template', complaint));
    }
  };
}

function indented(found: readonly unknown[]): string {
  return JSON.stringify(found, null, 4);
}
