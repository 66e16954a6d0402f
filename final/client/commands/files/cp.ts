// slipway cp CONTAINER:PATH PATH|-        slipway cp PATH|- CONTAINER:PATH
//
// - `run`
//
//     what is copied     where it goes            then it is
//     a file             is not there             the file, under that name
//     a file or folder   a folder                 in it, under its own name
//     a folder           is not there             the folder, under that name
//     a folder/.         a folder                 what is in it
//
// A path is a container's if a `:` comes before its first `/`. Source: docker/cli, cp.go.

import { grammar, parse, type Run } from '../../command.ts';
import { Failure } from '../../failure.ts';

export interface CopyOptions {
  readonly archive?: boolean;
  readonly followLink?: boolean;
  readonly quiet?: boolean;
}

export const run: Run = async (args, context) => {
  const usage =
    'cp [OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-\n' +
    '\tslipway cp [OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH';
  const command = grammar(usage, 'Copy files into a container or out of it')
    .option('-a, --archive', 'with who owns them')
    .option('-L, --follow-link', 'what a link leads to, not the link')
    .option('-q, --quiet', 'say nothing of how much it was');
  const { options, args: words } = parse<CopyOptions>(command, args, 2, 2);
  const [from = '', to = ''] = words;
  if (from === '') throw new Failure('source can not be empty');
  if (to === '') throw new Failure('destination can not be empty');
  const [source, target] = [split(from), split(to)];
  if (source.container !== undefined && target.container !== undefined) {
    throw new Failure('copying between containers is not supported');
  }
  if (source.container !== undefined) {
    const { container, path } = source;
    // They need the addon, which no other command does.
    const { copyOut } = await import('./copy-out.ts');
    await copyOut(context, { ...options, container, source: path, target: target.path });
  } else if (target.container !== undefined) {
    const { container, path } = target;
    const { copyIn } = await import('./copy-in.ts');
    await copyIn(context, { ...options, container, source: source.path, target: path });
  } else {
    throw new Failure('must specify at least one container source');
  }
  return 0;
};

interface Side {
  readonly container: string | undefined;
  readonly path: string;
}

function split(text: string): Side {
  const at = text.indexOf(':');
  if (text.startsWith('/') || text.startsWith('.') || at === -1) {
    return { container: undefined, path: text };
  }
  return { container: text.slice(0, at), path: text.slice(at + 1) };
}
