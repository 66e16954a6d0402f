// Wrong answers to chapter 06: the mistakes that nearly everybody makes once.
//
// - `wrongAnswers`: the mistake, the checkpoint that has to see it, its diagnosis
//
// Each is this chapter with other code in one of its holes: what the exercise has
// there, or a line that looks right. They are the tests of the tests: a checkpoint that
// no wrong answer fails is worth nothing.

import { changedHoles, type WrongAnswer } from '@slipway/lab/checkpoint.ts';

const chapter = import.meta.dirname;

export const wrongAnswers: readonly WrongAnswer[] = [
  hole('join', 'nothing is added to the program', 'own-network', 'host-network'),
  hole(
    'born-inside',
    'the far end stays on the host',
    'connected',
    'cable-left-behind',
  ),
  hole('configure', 'the far end is raised, and no more', 'connected', 'no-address'),
  hole(
    'configure',
    'the way out is forgotten',
    'connected',
    'no-route',
    [
      'void [routes, newDefaultRoute, subnet6];',
      'inside.talk([',
      '  setUp(loopback),',
      '  setUp(eth0),',
      '  ...addressesOf(endpoint)',
      '    .slice(0, 1)',
      '    .map(ip => newAddress(eth0, ip, subnet4.prefix)),',
      ']);',
    ].join('\n'),
  ),
  hole('mac', 'every container has one MAC', 'connected', 'wrong-mac'),
  hole('next-free', 'a full pool starts anew without a look', 'pool', 'pool-forgets'),
  hole('element', 'the host’s port is taken for both', 'published', 'wrong-port'),
  hole(
    'element',
    'a port number the wrong way round',
    'published',
    'not-published',
    [
      'const key = [',
      '  Uint8Array.of(protocols[protocol], 0, 0, 0),',
      '  ...(host ? [bytesOf(host)] : []),',
      '  portBytes(hostPort).slice(0, 2).reverse(),',
      '  Uint8Array.of(0, 0),',
      '];',
      'const data = [bytesOf(container), portBytes(containerPort)];',
    ].join('\n'),
  ),
  hole('masquerade', 'the source is not changed', 'outwards', 'no-way-back'),
  hole('isolation', 'one bridge leads to the other', 'isolated', 'not-isolated'),
  hole('overlap', 'only the first address is compared', 'overlap', 'overlap-unnamed'),
  hole('truncate', 'an answer is torn off', 'long-answer', 'not-cut'),
];

/** This chapter with other code in one of its holes. */
function hole(
  name: string,
  mistake: string,
  checkpoint: string,
  diagnosis: string,
  code = 'instead',
): WrongAnswer {
  return {
    mistake,
    diagnosis,
    checkpoint,
    make: () => changedHoles(chapter, { [name]: code }, diagnosis),
  };
}
