// Asks a name server: over UDP, and again over TCP if the answer was cut short.
//
//     ask-name.ts NAME   →  udp 0 cut short
//                           tcp 40 whole

import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import { decode, encode, RECURSION_DESIRED } from 'dns-packet';
import { frame, framed } from '../../dns/forward.ts';

const server = '127.0.0.11';
const name = process.argv[2] ?? 'many';
const query = encode({
  type: 'query',
  id: 7,
  flags: RECURSION_DESIRED,
  questions: [{ type: 'A', name }],
});

function say(how: string, bytes: Buffer): boolean {
  const { answers = [], flag_tc: cut } = decode(bytes);
  process.stdout.write(`${how} ${answers.length} ${cut ? 'cut short' : 'whole'}\n`);
  return cut;
}

const udp = createSocket('udp4');
udp.send(query, 53, server);
udp.on('message', bytes => {
  udp.close();
  if (!say('udp', bytes)) return;
  const tcp = connect(53, server);
  tcp.write(frame(query));
  tcp.on(
    'data',
    framed(whole => {
      say('tcp', whole);
      tcp.destroy();
    }),
  );
});
