/** What slipway-init refuses by itself: whoever speaks another grammar, and nobody's programs. */
import { expect } from 'vitest';
import { check } from '@slipway/lab/check.ts';
import { answer, initDescriptor, native, receive, whenEnded, whenReadable } from '../../binding.ts';

const needs = ['native'] as const;

/** The reports of an init that is given `text` as its program. */
async function reports(program: string): Promise<readonly unknown[]> {
  const born = answer();
  const request = { program, flags: 0, stdio: [0, 1, 2], descriptors: [], cgroups: [] };
  native().spawn({ init: initDescriptor(), needsRights: false, ...request }, born);
  const [, pidfd = -1, channel = -1] = born;
  await whenEnded(channel);
  const messages = receive(channel);
  const said: unknown[] = messages.slice(0, -1).map(({ text }) => JSON.parse(text));
  expect(messages.at(-1)?.text).toBe('');
  await whenReadable(pidfd);
  const status = native().wait(pidfd, () => undefined);
  for (const descriptor of [channel, pidfd]) native().close(descriptor);
  return [...said, status];
}

const refused = (message: unknown): unknown => ({
  type: 'failed',
  step: 0,
  syscall: 'slipway-init',
  args: '',
  errno: 0,
  reason: { kind: 'badProgram', message },
});
const ended = 127;

check('a program of another version is refused before any step', { needs }, async () => {
  const text = JSON.stringify({ version: 2, dieWithParent: true, steps: [] });
  expect(await reports(text)).toEqual([
    refused('the program is of version 2, this init speaks 1: build both anew'),
    ended,
  ]);
});

check('a step that it does not know is refused before any step', { needs }, async () => {
  const steps = [{ call: 'changeDirectory', path: '/' }, { call: 'reboot' }];
  const text = JSON.stringify({ version: 1, dieWithParent: true, steps });
  expect(await reports(text)).toEqual([
    refused(expect.stringMatching(/^unknown variant `reboot`, expected one of `barrier`/)),
    ended,
  ]);
});

check('what is no JSON is refused, however long the reason would be', { needs }, async () => {
  expect(await reports('')).toEqual([refused(expect.stringMatching(/^EOF while/)), ended]);
  const long = `{"version":1,"${'x'.repeat(100_000)}":1}`;
  const [report] = await reports(long);
  expect(JSON.stringify(report).length).toBeLessThan(6000);
});
