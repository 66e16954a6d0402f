// slipway login, slipway logout
//
// - `login`    asks the engine whether a registry takes a name and a password
// - `logout`   forgets them
//
// The engine speaks to no registry that asks who it is, and says so. Nothing is kept here, so there
// is nothing that a logout would leave behind.

import { text } from 'node:stream/consumers';
import { grammar, parse, type Run } from '../../command.ts';
import { Failure } from '../../failure.ts';

const usual = 'https://index.docker.io/v1/';

interface Options {
  readonly username?: string;
  readonly password?: string;
  readonly passwordStdin?: boolean;
}

export const login: Run = async (args, { api, out, err }) => {
  const command = grammar('login [OPTIONS] [SERVER]', 'Log in to a registry')
    .option('-u, --username <name>', 'name')
    .option('-p, --password <password>', 'password: seen by all who list processes')
    .option('--password-stdin', 'read it from standard input');
  const { options, args: names } = parse<Options>(command, args, 0, 1);
  if (options.password !== undefined) {
    err.write('WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n');
  }
  const password = options.passwordStdin === true ? await text(process.stdin) : options.password;
  if (options.username === undefined || password === undefined || password.trim() === '') {
    throw new Failure('Error: Cannot perform an interactive login from a non TTY device');
  }
  const body = {
    username: options.username,
    password: password.replace(/\r?\n$/, ''),
    serveraddress: names[0] ?? usual,
  };
  await api.json({ method: 'POST', path: '/auth', body });
  out.write('Login Succeeded\n');
  return 0;
};

export const logout: Run = (args, { out }) => {
  const { args: names } = parse(grammar('logout [SERVER]', 'Log out from a registry'), args, 0, 1);
  out.write(`Removing login credentials for ${names[0] ?? usual}\n`);
  return Promise.resolve(0);
};
