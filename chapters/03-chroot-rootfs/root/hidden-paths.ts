// What of /proc and /sys a container does not get: Docker's two lists.
//
// - `maskedPaths`: hidden, each behind an empty folder or the null device
// - `readOnlyPaths`: to be read, not to be written
//
// None of this is namespaced: these files are the machine's own, in every container.
// The lists are those of moby's oci/defaults.go and runc's; what a kernel lacks is left
// out by the init. Source: proc(5).

export const maskedPaths: readonly string[] = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  // The machine's memory, as a core file.
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
];

export const readOnlyPaths: readonly string[] = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  // The kernel's settings; those of the namespaces are among them, too.
  '/proc/sys',
  // One letter written here restarts the machine.
  '/proc/sysrq-trigger',
];
