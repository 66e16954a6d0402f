// What a network driver does, and what it needs to know of containers.
//
// - `NetworkedContainer`: a container as networks see it; its record fits as it stands
// - `ContainersOnNetworks`: how networks find containers, handed in when the daemon is put together
// - `AllocatedNetwork`: what one start of a container gets
//
// The life of a container's networks:
//
//   create   `Networks.plan(…)`       what of it can be refused already → the record's `networks`
//   start    `Networks.allocate(c)`   addresses, ports, files; `.open()`: an empty namespace, and
//                                     right before the program runs in it `.connect()`
//   inspect  `Networks.settings(c)`   computed from what was asked for and from the leases
//   end      `Networks.release(c)`    all of it back; can be repeated
//   restore  `Networks.restore(all)`  after the daemon's own restart
//
// A lease belongs to a container's id. It is derived from that container's record: whoever does
// not run has none, and at start the daemon strikes out what no running container explains.

import type { Network } from '../libcontainer/network.ts';
import type { AskedEndpoint, PortBinding } from './settings.ts';

/** The part of a container's record that is about networks. */
export interface NetworkedContainer {
  readonly id: string;
  /** Without the slash. */
  readonly name: string;
  readonly config: {
    readonly Hostname: string;
    readonly Domainname: string;
    readonly Env?: readonly string[] | null;
    readonly ExposedPorts?: Readonly<Record<string, unknown>> | undefined;
  };
  readonly hostConfig: {
    /** `default`, `bridge`, `none`, `host`, `container:ID` or a network's name or id. */
    readonly NetworkMode: string;
    readonly PortBindings: Readonly<Record<string, readonly PortBinding[] | null>> | null;
    readonly PublishAllPorts: boolean;
    readonly Dns: readonly string[] | null;
    readonly DnsOptions: readonly string[] | null;
    readonly DnsSearch: readonly string[] | null;
    readonly ExtraHosts: readonly string[] | null;
    readonly Links: readonly string[] | null;
  };
  /** By the network's name, as asked for. */
  readonly networks: Readonly<Record<string, AskedEndpoint>>;
  /** What it calls others on the default bridge: alias → the other's id. */
  readonly links?: Readonly<Record<string, string>> | undefined;
  readonly state: {
    /** 0 unless it runs. */
    readonly pid: number;
    /** Go's zero time for one that has never run. */
    readonly startedAt: string;
  };
}

/** What networks ask of the containers. */
export interface ContainersOnNetworks {
  /** By id, name or the beginning of an id. @throws Refusal NOT_FOUND `No such container: …` */
  find(reference: string): NetworkedContainer;
  all(): Iterable<NetworkedContainer>;
  /** The folder of the container's own files: `hosts`, `hostname`, `resolv.conf`. */
  folderOf(id: string): string;
  /** Keeps other networks in its record, after connect and disconnect. */
  setNetworks(id: string, networks: Readonly<Record<string, AskedEndpoint>>): void;
}

export interface AllocatedNetwork extends Disposable {
  /** For the program: a namespace of its own, or another's. Once. */
  open(): Promise<Network>;
  /** Cables and names, in what was opened, when all else is there: it is told as an event. */
  readonly connect?: () => void;
  /** Files of the host to be mounted over the image's, by target. */
  readonly files: ReadonlyMap<string, string>;
  /** What it is told of those that it is linked to, as variables. */
  readonly environment: readonly string[];
  /** What its init sets in a namespace of its own, before what the container asks for. */
  readonly sysctls: Readonly<Record<string, string>>;
  /** To be kept in the record: with the ids of the networks that it is in now. */
  readonly networks: Readonly<Record<string, AskedEndpoint>>;
}
