// slipway import FILE|- [NAME[:TAG]]

import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { collect, grammar, parse, type Run } from '../../command.ts';
import { Failure } from '../../failure.ts';
import { wrongReference } from './reference.ts';
import { showMessages } from './messages.ts';

interface Options {
  readonly change: readonly string[];
  readonly message?: string;
}

export const run: Run = async (args, { api, out }) => {
  const command = grammar(
    'import [OPTIONS] file|URL|- [REPOSITORY[:TAG]]',
    'Make an image from a tar',
  )
    .option('-c, --change <instruction>', 'of a Dockerfile', collect, [])
    .option('-m, --message <text>', 'for its history');
  const { options, args: words } = parse<Options>(command, args, 1, 2);
  const [file = '', repo] = words;
  const why = wrongReference(repo ?? '');
  if (why !== undefined) throw new Failure(why);
  const isAway = /^https?:\/\//.test(file);
  if (file !== '-' && !isAway) {
    await access(file).catch(() => {
      throw new Failure(`open ${file}: no such file or directory`);
    });
  }
  const answer = await api.stream({
    method: 'POST',
    path: '/images/create',
    query: {
      fromSrc: isAway ? file : '-',
      repo,
      changes: options.change,
      message: options.message,
    },
    ...(!isAway && {
      body: file === '-' ? process.stdin : createReadStream(file),
      headers: { 'Content-Type': 'application/x-tar' },
    }),
  });
  await showMessages(answer, out);
  return 0;
};
