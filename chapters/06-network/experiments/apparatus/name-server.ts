// A name server of the outside: it knows one name and its address, over UDP.
//
//     name-server.ts far.example 203.0.113.99

import { createSocket } from 'node:dgram';
import { answerFor, failure, fitting, readQuery } from '../../dns/answer.ts';
import { parseIp } from '../../ipam/address.ts';

const [known, written = ''] = process.argv.slice(2);
const ip = parseIp(written);
const socket = createSocket('udp4');
socket.bind(53);
socket.on('message', (bytes, { address, port }) => {
  const query = readQuery(bytes);
  if (query === undefined) return;
  const answer = answerFor(query, {
    addressesOf: name => (name === known && ip ? [ip] : []),
    nameOf: () => undefined,
  });
  socket.send(answer ? fitting(answer, 512) : failure(query), port, address);
});
