// slipway pull IMAGE

import { Writable } from 'node:stream';
import { grammar, parse, type Run } from '../../command.ts';
import { Failure } from '../../failure.ts';
import { wrongReference } from '../images/reference.ts';
import { pullImage } from './pulling.ts';

interface Options {
  readonly quiet?: boolean;
  readonly platform?: string;
}

export const run: Run = async (args, context) => {
  const command = grammar('pull [OPTIONS] NAME[:TAG|@DIGEST]', 'Get an image from a registry')
    .option('-q, --quiet', 'show only its name')
    .option('--platform <platform>', 'operating system and machine');
  const { options, args: names } = parse<Options>(command, args, 1, 1);
  const [name = ''] = names;
  const { quiet = false, platform } = options;
  const isTagged = /[:@][^/]*$/.test(name);
  const why = wrongReference(name);
  if (why !== undefined) throw new Failure(why);
  if (!isTagged && !quiet) context.out.write('Using default tag: latest\n');
  const nowhere = new Writable({ write: (_piece, _encoding, done) => done() });
  await pullImage(context, name, quiet ? nowhere : context.out, platform);
  const tagged = isTagged ? name : `${name}:latest`;
  const parts = tagged.split('/');
  const hasHost = parts.length > 1 && /[.:]|^localhost$/.test(parts[0] ?? '');
  const path = parts.length === 1 ? `library/${tagged}` : tagged;
  context.out.write(`${hasHost ? tagged : `docker.io/${path}`}\n`);
  return 0;
};
