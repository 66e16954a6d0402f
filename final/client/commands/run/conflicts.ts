// What does not go together on the command line of `run`, and what names nothing.
//
// - `refuseConflicts(flags, network)`   @throws Failure in docker's words, before anything is asked

import { Failure } from '../../failure.ts';
import type { RunFlags } from './flags.ts';

const hardwareAddress =
  /^([0-9a-f]{2}([:-])[0-9a-f]{2}(\2[0-9a-f]{2}){4})$|^([0-9a-f]{4}\.){2}[0-9a-f]{4}$/i;
const plainSecurity = new Set(['no-new-privileges', 'disable', 'writable-cgroups']);

/** @throws Failure */
export function refuseConflicts(flags: RunFlags, network: { readonly isNamed: boolean }): void {
  const { rm, restart, pull, memorySwappiness = -1 } = flags;
  if (rm === true && restart !== undefined && restart !== 'no') {
    refuse('conflicting options: cannot specify both --restart and --rm');
  }
  if (pull !== undefined && !['always', 'missing', 'never'].includes(pull)) {
    refuse(`invalid pull option: '${pull}': must be one of "always", "missing" or "never"`);
  }
  refuseModes(flags);
  if (flags.networkAlias.length > 0 && !network.isNamed) {
    refuse('network-scoped aliases are only supported for user-defined networks');
  }
  if (memorySwappiness < -1 || memorySwappiness > 100) {
    refuse(`invalid value: ${memorySwappiness}. Valid memory swappiness range is 0-100`);
  }
}

function refuseModes(flags: RunFlags): void {
  if (!/^(|host|container:.+)$/.test(flags.pid ?? '')) refuse('--pid: invalid PID mode');
  if (!/^(|host)$/.test(flags.uts ?? '')) refuse('--uts: invalid UTS mode');
  if (!/^(|host)$/.test(flags.userns ?? '')) refuse('--userns: invalid USER mode');
  if (!/^(|host|private)$/.test(flags.cgroupns ?? '')) refuse('--cgroupns: invalid CGROUP mode');
  if (flags.macAddress !== undefined && !hardwareAddress.test(flags.macAddress.trim())) {
    refuse(`${flags.macAddress} is not a valid mac address`);
  }
  const wrong = flags.securityOpt.find(text => !/[=:]/.test(text) && !plainSecurity.has(text));
  if (wrong !== undefined) refuse(`Invalid --security-opt: ${JSON.stringify(wrong)}`);
}

function refuse(words: string): never {
  throw new Failure(words, 125);
}
