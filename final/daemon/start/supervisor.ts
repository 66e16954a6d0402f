// What a supervisor (systemd) wants to know: `sd_notify(3)`.
//
// - `tellSupervisor(state)`   `READY=1`, `STOPPING=1`; nothing is done without NOTIFY_SOCKET
//
// Node has no datagram sockets of this family, so systemd's own small program says it for us: that
// needs NotifyAccess=all. Who waits for us and is no systemd reads the log's last line.

import { spawn } from 'node:child_process';

export function tellSupervisor(state: string): void {
  if (process.env['NOTIFY_SOCKET'] === undefined) return;
  const child = spawn('systemd-notify', [state, `MAINPID=${process.pid}`], { stdio: 'ignore' });
  child.on('error', () => undefined);
  child.unref();
}
