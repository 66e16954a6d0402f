// What the daemon itself holds for a container while it runs; nothing of it is written down.
//
// - `Sandbox`: reserved ports, connections that are passed on, the embedded name server
//
// All of it ends with the daemon and is made again by the next one. The container goes on
// meanwhile: what its packets need (cable, addresses, firewall) is the kernel's.

import {
  serveLoopback6,
  serveNames,
  type Ip,
  type Names,
  type Reserved,
} from '../../libcontainer/network.ts';

export class Sandbox implements Disposable {
  #ports = new DisposableStack();
  #reserved: readonly Reserved[] = [];
  #names: Disposable | undefined;
  /** Our ends of its cables, by network. */
  readonly cables = new Map<string, string>();

  /** The sockets, and what arrives at those that listen. */
  holdPorts(reserved: readonly Reserved[], container: Ip): void {
    this.#reserved = reserved;
    for (const one of reserved) {
      this.#ports.use(one);
      this.#ports.use(serveLoopback6(one.takeListening(), container));
    }
  }

  /** When the firewall leads their traffic elsewhere; until then they refuse it. */
  closePorts(): void {
    for (const one of this.#reserved) one.hold();
  }

  freePorts(): void {
    this.#ports.dispose();
    this.#ports = new DisposableStack();
    this.#reserved = [];
  }

  get servesNames(): boolean {
    return this.#names !== undefined;
  }

  /** In this namespace. @throws SyscallError EADDRINUSE if somebody in it has the port */
  serveNames(
    namespace: { readonly descriptor: number },
    names: Names,
    servers: readonly string[],
  ): void {
    this.#names ??= serveNames(namespace, names, servers);
  }

  [Symbol.dispose](): void {
    this.#names?.[Symbol.dispose]();
    this.#names = undefined;
    this.freePorts();
  }
}
