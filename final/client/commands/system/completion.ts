// slipway completion: a script for bash; `source <(slipway completion)`
//
// Commands come from our own table, containers and images from the engine, asked when TAB is
// pressed.

import { grammar, parse, type Run } from '../../command.ts';
import { commandNames } from '../../commands.ts';

export const run: Run = (args, { out }) => {
  parse(grammar('completion', 'Print a completion script for bash'), args, 0, 0);
  out.write(`_slipway() {
  local word=\${COMP_WORDS[COMP_CWORD]} verb=\${COMP_WORDS[1]} names
  if [ "$COMP_CWORD" = 1 ]; then names='${commandNames().join(' ')}'
  else case $verb in
    run|create|rmi|tag|save|history)
      names=$(slipway images --format '{{.Repository}}:{{.Tag}}' 2>/dev/null) ;;
    start|rm|logs|inspect|rename|diff|export|commit|wait|port)
      names=$(slipway ps -a --format '{{.Names}}' 2>/dev/null) ;;
    *) names=$(slipway ps --format '{{.Names}}' 2>/dev/null) ;;
  esac; fi
  COMPREPLY=($(compgen -W "$names" -- "$word"))
}
complete -o default -F _slipway slipway
`);
  return Promise.resolve(0);
};
