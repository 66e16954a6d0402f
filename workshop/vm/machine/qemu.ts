/**
 * QEMU's command line for a guest.
 *
 * - qemuArguments(machine)   what follows `qemu-system-x86_64`
 *
 *     processor   2, as many as the smallest machine that the workshop is for
 *     files       `host`: the host's root, read-only; `exchange`: a folder that both can write
 *     disk        /dev/vda, a sparse file that is thrown away, so nothing is ever flushed
 *     console     the serial port, into a file: what the host shows when something fails
 *     terminal    only for the shell: hvc0 is the terminal of whoever started it
 *
 * No network: a guest has nothing to look for outside.
 */
import { join } from 'node:path';

export type Accelerator = 'kvm' | 'tcg';

export interface Machine {
  readonly accelerator: Accelerator;
  /** The kernel's file, as an ELF vmlinux or a bzImage. */
  readonly image: string;
  /** Holds initramfs.cpio, disk.img and exchange/; console.log is written there. */
  readonly folder: string;
  /** false: a guest without shares and disk, which can only say that it is alive. */
  readonly shares: boolean;
  readonly terminal: boolean;
}

type Option = readonly [name: string] | readonly [name: string, value: string];

const accelerators: Record<Accelerator, readonly Option[]> = {
  kvm: [
    ['-accel', 'kvm'],
    ['-cpu', 'host'],
  ],
  // A thread for each processor; `max` offers every instruction that can be emulated.
  tcg: [
    ['-accel', 'tcg,thread=multi'],
    ['-cpu', 'max'],
  ],
};

/**
 * The clock is the host's, so the guest need not measure it against a slow emulated timer, nor see
 * whether that one is in time (on a busy host it is not, and the kernel would give up); and it has
 * no neighbour from whom the kernel's defences against speculation would protect.
 */
const kernelCommandLine = [
  'console=ttyS0 quiet panic=-1',
  'tsc=reliable no_timer_check mitigations=off nokaslr 8250.nr_uarts=1',
].join(' ');

export function qemuArguments(machine: Machine): readonly string[] {
  const { accelerator, image, folder, shares, terminal } = machine;
  const options: readonly Option[] = [
    ...accelerators[accelerator],
    ['-M', 'pc'],
    ['-smp', '2'],
    ['-m', '2048'],
    ['-no-user-config'],
    ['-nodefaults'],
    ['-no-reboot'],
    ['-display', 'none'],
    ['-monitor', 'none'],
    ['-kernel', image],
    ['-initrd', join(folder, 'initramfs.cpio')],
    ['-append', kernelCommandLine],
    ['-chardev', `file,id=console,path=${optionValue(join(folder, 'console.log'))}`],
    ['-serial', 'chardev:console'],
    ...(shares ? shareOptions(folder) : []),
    ...(terminal ? terminalOptions : []),
  ];
  return options.flatMap(option => option);
}

function shareOptions(folder: string): readonly Option[] {
  const exchange = optionValue(join(folder, 'exchange'));
  const disk = optionValue(join(folder, 'disk.img'));
  const both = 'security_model=none,multidevs=remap';
  return [
    ['-virtfs', `local,path=/,mount_tag=host,readonly=on,${both}`],
    ['-virtfs', `local,path=${exchange},mount_tag=exchange,${both}`],
    ['-drive', `file=${disk},format=raw,if=virtio,cache=unsafe,discard=unmap`],
  ];
}

const terminalOptions: readonly Option[] = [
  ['-device', 'virtio-serial-pci'],
  // signal=off: Ctrl-C is for the shell in the guest, not for QEMU.
  ['-chardev', 'stdio,id=terminal,signal=off'],
  ['-device', 'virtconsole,chardev=terminal'],
];

/** QEMU splits its options at commas; two of them stand for one. */
function optionValue(path: string): string {
  return path.replaceAll(',', ',,');
}
