// Our terminal, handed to a process in a container: keys go through as they are typed.
//
// - `rawTerminal(onResize)`   the size is told at once and on change; disposing gives it back
//
// Node's raw mode leaves one thing on: a line feed that goes out becomes a carriage return and a
// line feed. The terminal in the container does that already, and a program that draws a screen
// means a line feed where it writes one, so it is turned off. Source: tcsetattr(3), OPOST.

import { spawnSync } from 'node:child_process';

export function rawTerminal(onResize: (rows: number, columns: number) => void): Disposable {
  const { stdin, stdout } = process;
  const tell = (): void => onResize(stdout.rows, stdout.columns);
  if (stdin.isTTY) {
    stdin.setRawMode(true);
    spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] });
  }
  if (stdout.isTTY) {
    stdout.on('resize', tell);
    tell();
  }
  return {
    [Symbol.dispose]: () => {
      stdout.off('resize', tell);
      // Back to what it was before the first change.
      if (stdin.isTTY) stdin.setRawMode(false);
    },
  };
}
