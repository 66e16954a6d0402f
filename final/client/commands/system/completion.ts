// slipway completion bash|zsh|fish: a script for the shell
//
//     source <(slipway completion bash)        source <(slipway completion zsh)
//     slipway completion fish | source
//
// Commands come from our own table; options from a command's own help, containers, images, networks
// and volumes from the engine, asked when TAB is pressed.

import { grammar, parse, type Run } from '../../command.ts';
import { commandNames, isGroup, verbsOf } from '../../commands.ts';
import { Failure } from '../../failure.ts';

export const run: Run = (args, { out }) => {
  const command = grammar('completion [bash|zsh|fish]', 'Print a completion script for a shell');
  const { args: shells } = parse(command, args, 0, 1);
  const [shell = 'bash'] = shells;
  const scripts = new Map([
    ['bash', () => `${names()}${bash}`],
    ['zsh', () => `#compdef slipway\n${names()}${zsh}`],
    ['fish', () => fish(names())],
  ]);
  const script = scripts.get(shell);
  if (script === undefined) {
    throw new Failure(`there is no completion for ${shell}: choose bash, zsh or fish`);
  }
  out.write(script());
  return Promise.resolve(0);
};

/** What all shells ask: the words that can stand after those that are there. */
function names(): string {
  const groups = commandNames().filter(isGroup);
  const cases = groups.map(group => `    ${group}) echo '${verbsOf(group).join(' ')}' ;;`);
  return `_slipway_verbs() {
  case $1 in
${cases.join('\n')}
  esac
}
_slipway_words() {
  local verb=$1 second=$2
  case "$verb" in
    ${groups.join('|')})
      if [ -z "$second" ]; then _slipway_verbs "$verb"; return; fi
      case "$verb" in
        network) slipway network ls --format '{{.Name}}'; return ;;
        volume) slipway volume ls --format '{{.Name}}'; return ;;
        image) verb=rmi ;;
        *) verb=$second ;;
      esac ;;
  esac
  case "$verb" in
    run|create|rmi|tag|save|history|push|pull)
      slipway images --format '{{.Repository}}:{{.Tag}}' ;;
    start|rm|logs|inspect|rename|diff|export|commit|wait|port|cp|explain)
      slipway ps -a --format '{{.Names}}' ;;
    attach|exec|kill|pause|restart|stats|stop|top|unpause|update)
      slipway ps --format '{{.Names}}' ;;
  esac
}
_slipway_options() {
  slipway "$@" --help 2>/dev/null | sed -n 's/^  *\\(-., \\)*\\(--[a-z-]*\\).*/\\2/p'
}
_slipway_all() {
  local current=$1 count=$2; shift 2
  if [ "$count" = 0 ]; then echo '${commandNames().join(' ')}'; return; fi
  case "$current" in
    -*) case "$1" in
      ${groups.join('|')}) _slipway_options "$1" "$2" ;;
      *) _slipway_options "$1" ;;
    esac ;;
    *) _slipway_words "$@" 2>/dev/null ;;
  esac
}
`;
}

const bash = `_slipway() {
  local current=\${COMP_WORDS[COMP_CWORD]} before
  before=("\${COMP_WORDS[@]:1:COMP_CWORD-1}")
  local found=$(_slipway_all "$current" "\${#before[@]}" "\${before[@]}")
  COMPREPLY=($(compgen -W "$found" -- "$current"))
}
complete -o default -F _slipway slipway
`;

const zsh = `_slipway() {
  local -a before found
  before=("\${(@)words[2,CURRENT-1]}")
  found=(\${=$(_slipway_all "\${words[CURRENT]}" "\${#before[@]}" "\${before[@]}")})
  compadd -a found
}
if [ "$funcstack[1]" = _slipway ]; then _slipway "$@"; else compdef _slipway slipway; fi
`;

/** Its language is another: what the others ask of a function it asks of a shell. */
function fish(functions: string): string {
  const quoted = functions.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  return `function __slipway_words
  set -l before (commandline -opc)[2..-1]
  set -l current (commandline -ct)
  sh -c '${quoted}_slipway_all "$@"' sh "$current" (count $before) $before | string split -n ' '
end
complete -c slipway -f -a '(__slipway_words)'
`;
}
