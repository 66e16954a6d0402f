// Device rules of a version 2 control group: an eBPF program that is attached to it.
//
// - `setDeviceProgram(group, instructions)`: the group's answer to each access, from now on
// - `hasDeviceProgram(group)`: whether one of ours is on it
//
// A program is known by its name, so that another process (a daemon that was started again, the
// verb `update`) can put its own in the first one's place: at no moment is there none. What
// others have attached, above or beside, stays and can only forbid more. Source: bpf(2).

import { call, native } from './binding.ts';

/** At most 15 letters, digits, dots and underscores: what the kernel keeps of a name. */
const programName = 'slipway_devices';

/**
 * @param group the directory of a version 2 group
 * @param instructions of eight bytes each; see linux/bpf.h
 * @throws SyscallError EPERM without CAP_BPF and CAP_NET_ADMIN, EINVAL or EACCES for a program
 *   that the verifier refuses, ENOENT when there is no such group
 */
export function setDeviceProgram(group: string, instructions: Uint8Array): void {
  using program = owned(
    call(() => native().loadDeviceProgram(Buffer.from(instructions), programName)),
  );
  using before = deviceProgramOn(group);
  call(() => native().attachDeviceProgram(group, program.descriptor, before?.descriptor));
}

export function hasDeviceProgram(group: string): boolean {
  using found = deviceProgramOn(group);
  return found !== undefined;
}

type Program = Disposable & { readonly descriptor: number };

function deviceProgramOn(group: string): Program | undefined {
  const descriptor = call(() => native().deviceProgramOn(group, programName));
  return typeof descriptor === 'number' ? owned(descriptor) : undefined;
}

function owned(descriptor: number): Program {
  return { descriptor, [Symbol.dispose]: () => native().close(descriptor) };
}
