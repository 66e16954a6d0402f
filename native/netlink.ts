// A conversation with the kernel about its network: one socket, messages out, answers back.
//
// - `openNetlink(family, where)`: a socket in our network namespace, or in another one
// - `newNetwork()`: a namespace in which nobody is yet, and a socket in it
// - `setInNetwork(where, path, value)`: a kernel setting of a namespace
// - `Netlink.talk(messages)`: sends them in one go → the answers; throws what the kernel refused
// - `encodeTalk(messages)`: the bytes that it sends
// - `bindSocket`, `reservePort`, `holdPort`: sockets that Node cannot make by itself
//
// A socket stays in the namespace in which it was made, and this process never leaves its own: the
// addon makes the socket in a thread that ends. The kernel works through the messages while they
// are sent, so `talk` does not wait. Sources: netlink(7), rtnetlink(7), sock_diag(7).

import { call, native } from './binding.ts';
import {
  concatenate,
  control,
  decodeAttributes,
  decodeMessages,
  encodeMessage,
  flag,
  textOf,
  type Answer,
  type NetlinkMessage,
} from './netlink-message.ts';
import { errnoName, syscallErrorFrom } from './syscall-error.ts';

export {
  attribute,
  concatenate,
  decodeAttributes,
  encodeMessage,
  flag,
  listAttributes,
  numberOf,
  textOf,
  type Answer,
  type Attribute,
  type NetlinkMessage,
} from './netlink-message.ts';

/** Whom in the kernel one talks to: links and routes, or the firewall (`NETLINK_*`). */
const families = { route: 0, netfilter: 12 } as const;

/** A network namespace: ours if undefined, a process's by pidfd, or one by its own file. */
export type NetworkNamespace = { readonly descriptor: number } | undefined;

export interface Netlink extends Disposable {
  /** The number of the socket's namespace; no other namespace gets it until the next boot. */
  readonly cookie: bigint;
  /**
   * What the kernel answers to `messages`, which it gets in one piece and in order.
   *
   * @throws NetlinkError naming the first that was refused; of netfilter's all are undone then
   */
  talk(messages: readonly NetlinkMessage[]): readonly Answer[];
  /** The number of the link `name`; asks without waiting for whoever changes links just now. */
  indexOf(name: string): number | undefined;
}

/** A message that the kernel refused. */
export class NetlinkError extends Error {
  override readonly name = 'NetlinkError';
  readonly errno: number;
  /** The errno's name, such as `EEXIST`. */
  readonly code: string;

  constructor(shown: string, errno: number, said: string | undefined) {
    const code = errnoName(errno);
    super(`${shown}: ${code}${said === undefined ? '' : `: ${said.toLowerCase()}`}`);
    this.errno = errno;
    this.code = code;
  }
}

/** @throws SyscallError EPERM without the right to enter `where` */
export function openNetlink(family: keyof typeof families, where?: NetworkNamespace): Netlink {
  return netlinkOver(call(() => native().netlinkOpen(families[family], where?.descriptor ?? -1)));
}

/** A network namespace, and a conversation about its links and routes. */
export interface OpenNetwork extends Disposable {
  readonly descriptor: number;
  readonly route: Netlink;
}

/**
 * A new network namespace, with `lo` alone and down. It lives as long as it is open or somebody is
 * in it: who joins it does so by `descriptor`.
 *
 * @throws SyscallError EPERM
 */
export async function newNetwork(): Promise<OpenNetwork> {
  const made = native().newNetwork();
  const [descriptor = -1, socket = -1] = await made.catch((error: unknown) => {
    throw syscallErrorFrom(error);
  });
  const route = netlinkOver(socket);
  const dispose = (): void => {
    route[Symbol.dispose]();
    native().close(descriptor);
  };
  return { descriptor, route, [Symbol.dispose]: dispose };
}

/**
 * Sets what the kernel keeps once a network namespace: `net/ipv4/ip_forward`, below /proc/sys.
 *
 * @throws SyscallError ENOENT for what this kernel has not, EINVAL, EPERM
 */
export function setInNetwork(where: NetworkNamespace, path: string, value: string): void {
  call(() => native().networkSetting(where?.descriptor ?? -1, path, value));
}

function netlinkOver(socket: number): Netlink {
  let sequence = 0;
  return {
    get cookie() {
      return call(() => native().netlinkCookie(socket));
    },
    talk: messages => {
      const first = sequence + 1;
      sequence += messages.length;
      const bytes = encodeTalk(messages, first);
      const answers = decodeMessages(call(() => native().netlinkTalk(socket, bytes)));
      refuseRefusals(answers, messages, first);
      return answers.filter(({ type }) => type > control.done);
    },
    indexOf: name => call(() => native().netlinkIndex(socket, name)) ?? undefined,
    [Symbol.dispose]: () => native().close(socket),
  };
}

/** Numbered from `first` on, and each asks for what tells that it was done. */
export function encodeTalk(messages: readonly NetlinkMessage[], first = 1): Uint8Array {
  return concatenate(
    messages.map((message, index) => encodeMessage(expecting(message), first + index)),
  );
}

/** The marks around a batch of nfnetlink's are answered by nobody. */
const marks: ReadonlySet<number> = new Set([0x10, 0x11]);

function expecting(message: NetlinkMessage): NetlinkMessage {
  const { type, flags = 0 } = message;
  const isDump = (flags & flag.dump) === flag.dump && (flags & flag.create) === 0;
  const ack = isDump || marks.has(type) ? 0 : flag.ack;
  return { ...message, flags: flags | flag.request | ack };
}

const extendedAck = { capped: 0x100, hasAttributes: 0x200, message: 1 } as const;

function refuseRefusals(
  answers: readonly Answer[],
  messages: readonly NetlinkMessage[],
  first: number,
): void {
  for (const { type, flags, sequence, body } of answers) {
    if (type !== control.error) continue;
    const view = new DataView(body.buffer, body.byteOffset, body.length);
    const errno = -view.getInt32(0, true);
    if (errno === 0) continue;
    const shown = messages[sequence - first]?.shown ?? 'netlink';
    throw new NetlinkError(shown, errno, kernelsWords(flags, body));
  }
}

/** What the kernel says beside the number, if it says anything (NLMSGERR_ATTR_MSG). */
function kernelsWords(flags: number, body: Uint8Array): string | undefined {
  if ((flags & extendedAck.hasAttributes) === 0) return undefined;
  const view = new DataView(body.buffer, body.byteOffset, body.length);
  const isCapped = (flags & extendedAck.capped) !== 0;
  // Behind the errno stands the header of our message, and all of it unless it was capped.
  const ours = isCapped ? 16 : (view.getUint32(4, true) + 3) & ~3;
  const words = decodeAttributes(body.subarray(4 + ours)).get(extendedAck.message);
  return words === undefined ? undefined : textOf(words);
}

/** Where a socket is bound. */
export interface SocketPlace {
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
}

/**
 * A socket that is bound (and listens, for TCP) in the namespace `where`; the caller's to close.
 * `net.Server.listen({ fd })` and `dgram.Socket.bind({ fd })` take it over.
 *
 * @throws SyscallError EADDRINUSE, EADDRNOTAVAIL
 */
export function bindSocket(place: SocketPlace, where?: NetworkNamespace): number {
  const { protocol, address, port } = place;
  return call(() =>
    native().bindSocket(where?.descriptor ?? -1, protocol === 'tcp', address, port),
  );
}

/**
 * Takes a port in our namespace, which refuses connections until `holdPort`; the caller's to close.
 *
 * @throws as bindSocket
 */
export function reservePort({ protocol, address, port }: SocketPlace): number {
  return call(() => native().reservePort(protocol === 'tcp', address, port));
}

/**
 * Keeps everybody else from listening at a reserved TCP port; what still arrives is dropped.
 *
 * @throws SyscallError EADDRINUSE if somebody else was faster
 */
export function holdPort(descriptor: number): void {
  call(() => native().holdPort(descriptor));
}
