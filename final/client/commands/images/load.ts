// slipway load

import { createReadStream } from 'node:fs';
import { access } from 'node:fs/promises';
import { grammar, parse, type Run } from '../../command.ts';
import { Failure } from '../../failure.ts';
import { showMessages } from './messages.ts';

export const run: Run = async (args, { api, out }) => {
  const command = grammar('load [OPTIONS]', 'Load images from a tar')
    .option('-i, --input <file>', 'from there, not from standard input')
    .option('-q, --quiet', 'do not show how far it is');
  const { options } = parse<{ readonly input?: string }>(command, args, 0, 0);
  const { input } = options;
  if (input === undefined && process.stdin.isTTY) {
    throw new Failure('requested load from stdin, but stdin is empty');
  }
  if (input !== undefined) await access(input).catch(() => refuse(input));
  const body = input === undefined ? process.stdin : createReadStream(input);
  const headers = { 'Content-Type': 'application/x-tar' };
  const query = { quiet: true };
  await showMessages(
    await api.stream({ method: 'POST', path: '/images/load', query, body, headers }),
    out,
  );
  return 0;
};

function refuse(path: string): never {
  throw new Failure(`open ${path}: no such file or directory`);
}
