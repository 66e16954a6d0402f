// slipway inspect NAME...: a container, image, network or volume, whichever is called so

import { grammar, parse, type Run } from '../../command.ts';
import { ApiFailure } from '../../failure.ts';
import { template } from '../../output/template.ts';
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

export const run: Run = async (args, { api, out, err }) => {
  const command = grammar('inspect [OPTIONS] NAME|ID [NAME|ID...]', 'Show all about an object')
    .option('--type <kind>', 'container, image, network or volume')
    .option('-s, --size', 'with the sizes of a container')
    .option('-f, --format <template>', 'a template, or json');
  const { options, args: names } = parse<Options>(command, args, 1);
  const found: unknown[] = [];
  const missing: string[] = [];
  for (const name of names) {
    const one = await look(api, name, options);
    if (one === undefined) missing.push(name);
    else found.push(one);
  }
  out.write(shown(found, options.format));
  const kind = options.type ?? 'object';
  for (const name of missing) err.write(`Error: No such ${kind}: ${name}\n`);
  return missing.length > 0 ? 1 : 0;
};

async function look(api: Api, name: string, { type, size }: Options): Promise<unknown> {
  for (const kind of type === undefined ? Object.keys(paths) : [type]) {
    const path = paths[kind]?.(name) ?? '';
    try {
      return await api.json({ path, query: { size: kind === 'container' && size } });
    } catch (error) {
      if (!(error instanceof ApiFailure) || (error.status !== 404 && error.status !== 400))
        throw error;
    }
  }
  return undefined;
}

function shown(found: readonly unknown[], format: string | undefined): string {
  if (format === undefined) return `${JSON.stringify(found, null, 4)}\n`;
  if (format === 'json') return `${JSON.stringify(found)}\n`;
  const { render } = template(format);
  return found.map(one => `${render(one)}\n`).join('');
}
