// slipway pause, slipway unpause
//
// - `pause`, `unpause`

import { grammar, parse, type Run } from '../../command.ts';
import { forEach } from './for-each.ts';

function freezing(verb: 'pause' | 'unpause', about: string): Run {
  return (args, context) => {
    const command = grammar(`${verb} CONTAINER [CONTAINER...]`, about);
    const { args: names } = parse<object>(command, args, 1);
    return forEach(context, names, name =>
      context.api.json({ method: 'POST', path: `/containers/${name}/${verb}` }),
    );
  };
}

export const pause = freezing('pause', 'Freeze containers');
export const unpause = freezing('unpause', 'Let frozen containers go on');
