// slipway graph: the names of containers, links and images, as a tree
//
// Where a person looks, what something is called stands out and what it is stands back.

import { styleText } from 'node:util';
import { z } from 'zod';
import { grammar, parse, type Run } from '../../command.ts';

export const run: Run = async (args, { api, out }) => {
  const command = grammar('graph', 'Show names, links and images as a tree');
  parse(command, args, 0, 0);
  const lines = z.array(z.string()).parse(await api.json({ path: '/slipway/graph' }));
  for (const line of lines) out.write(`${out.isTTY ? painted(line) : line}\n`);
  return 0;
};

function painted(line: string): string {
  const [, before = '', name = '', rest = ''] = /^([│├└─ ]*)(.*?)( → .*|$)/.exec(line) ?? [];
  const style = before === '' ? 'bold' : 'cyan';
  return `${styleText('gray', before)}${styleText(style, name)}${styleText('gray', rest)}`;
}
