import { expect, test } from 'vitest';
import { namespaceRows } from './namespaces.ts';
import { printed } from './row.ts';

test('each kind is tried, and a kernel that lacks one is told by its complaint', () => {
  const asked: string[] = [];
  const rows = namespaceRows(command => {
    asked.push(command.join(' '));
    const refused = command.includes('--time') || command.includes('--pid');
    return refused ? 'unshare: unshare failed: Invalid argument' : undefined;
  }, true);
  expect(asked).toContain('unshare --mount --fork true');
  expect(
    rows
      .filter(row => row.mark !== 'ok')
      .map(printed)
      .join('\n'),
  ).toMatchInlineSnapshot(`
    "MISS  namespace pid           cannot be made (unshare: unshare failed: Invalid argument) -> run it with sudo; a container or a policy may forbid it even to root
    warn  namespace time          cannot be made (unshare: unshare failed: Invalid argument) -> use Linux 5.6 or later"
  `);
});

test('without root the kinds are tried inside a user namespace', () => {
  const asked: string[] = [];
  namespaceRows(command => void asked.push(command.join(' ')), false);
  expect(asked).toContain('unshare --user --map-root-user --net --fork true');
  expect(asked).toContain('unshare --user --fork true');
  expect(asked.join('\n')).not.toContain('setpriv');
});
