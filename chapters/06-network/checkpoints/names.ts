// Checkpoints about names.
// Sources: RFC 1035, resolv.conf(5).

import { unless, type Checkpoint, type Subject } from '@slipway/lab/checkpoint.ts';
import { inside, inWorld, startOn } from './prepared.ts';

export const nameCheckpoints: readonly Checkpoint[] = [
  {
    id: 'long-answer',
    sentence: 'an answer that is too long for UDP is cut short, and whole over TCP',
    needs: ['root', 'native', 'nftables', 'tool:ip', 'tool:busybox'],
    examine: inWorld(longAnswer),
  },
];

/** A name so long that seven addresses are more than 512 bytes. */
const long = `a${'-long'.repeat(12)}-name`.slice(0, 63);
const count = 7;

async function longAnswer(subject: Subject): Promise<void> {
  await using held = new AsyncDisposableStack();
  const options = ['--network', 'bridge', '--network-alias', long];
  let application = 0;
  for (let one = 0; one < count; one += 1) {
    const running = held.use(await startOn(subject, options, 'not-started'));
    application = running.application;
  }
  const script = `${import.meta.dirname}/../experiments/apparatus/ask-name.ts`;
  const node = [process.execPath, '--import', 'tsx', script, long];
  const said = inside(application, ...node).split('\n');
  unless(
    said[0] === 'udp 0 cut short',
    'not-cut',
    `over UDP the server says: ${said[0] || 'nothing that can be read'}\n` +
      'an answer that does not fit is sent without its records, with the flag TC set.',
  );
  unless(
    said[1] === `tcp ${count} whole`,
    'no-tcp',
    `over TCP the server says: ${said[1] ?? 'nothing'}: who was cut short asks there.`,
  );
}
