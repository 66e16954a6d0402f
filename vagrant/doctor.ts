/**
 * `lab doctor`: what this machine can do, and whether it is the machine that it is meant to be.
 *
 * - the rows of `npm run doctor`, and before them those that differ between the labs' machines:
 *   systemd, the world of control groups, aufs, veth, AppArmor
 *
 * Exit status 1 when a must-have is missing. Which machine this is stands in
 * /etc/slipway-lab/machine; elsewhere nothing is expected of the world and of aufs.
 */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { controllerWorld, hierarchies } from '@slipway/lab/requires/cgroups.ts';
import { probe } from '@slipway/lab/requires.ts';
import { attempt } from '../workshop/doctor/attempt.ts';
import { controlGroupRows } from '../workshop/doctor/control-groups.ts';
import { machineRows } from '../workshop/doctor/machine.ts';
import { namespaceRows } from '../workshop/doctor/namespaces.ts';
import { must, printed, type Row, should, verdict } from '../workshop/doctor/row.ts';
import { type Machine, machines } from './machines/machines.ts';

const nameFile = '/etc/slipway-lab/machine';

function thisMachine(): Machine | undefined {
  if (!existsSync(nameFile)) return undefined;
  const name = readFileSync(nameFile, 'utf8').trim();
  return machines().find(one => one.name === name);
}

function labRows(machine: Machine | undefined): readonly Row[] {
  const name = machine?.name ?? 'none of the labs';
  return [
    should('machine', name, undefined),
    should('systemd', systemd() ?? '', systemd() === undefined ? 'not in use here' : undefined),
    (machine === undefined ? should : must)('cgroup world', worldFact(), worldReason(machine)),
    (machine?.name === 'classic-aufs' ? must : should)('aufs', 'can be mounted', aufsReason()),
    must('veth', 'a pair can be made', vethReason()),
    should('AppArmor', 'is on', appArmorReason()),
  ];
}

function systemd(): string | undefined {
  if (!existsSync('/run/systemd/system')) return undefined;
  const os = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  return `runs on ${/^PRETTY_NAME="?([^"\n]*)/m.exec(os)?.[1] ?? 'an unnamed system'}`;
}

function worldFact(): string {
  return `the controller memory is in ${controllerWorld('memory')?.world ?? 'no hierarchy'}`;
}

function worldReason(machine: Machine | undefined): string | undefined {
  const world = controllerWorld('memory')?.world;
  if (machine === undefined || world === machine.world) return undefined;
  const todo = `vagrant/lab reset ${machine.name}, outside`;
  return `wanted ${machine.world}, and memory is in ${world ?? 'none'}: ${todo}`;
}

function aufsReason(): string | undefined {
  if (/\baufs\b/.test(readFileSync('/proc/filesystems', 'utf8'))) return undefined;
  if (attempt(['modprobe', 'aufs']) === undefined) return undefined;
  return 'not in this kernel; unionfs-fuse stands in: vagrant/lab up classic-aufs, outside';
}

function vethReason(): string | undefined {
  const script = 'ip link add one type veth peer name other';
  const failure = attempt(['unshare', '--net', 'sh', '-c', script]);
  return failure && `no pair can be made (${failure}): run it with sudo, or modprobe veth`;
}

function appArmorReason(): string | undefined {
  const file = '/sys/module/apparmor/parameters/enabled';
  const on = existsSync(file) && readFileSync(file, 'utf8').startsWith('Y');
  return on ? undefined : 'not on in this kernel: vagrant/lab up modern, outside';
}

function mayWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

const rows = [
  ...labRows(thisMachine()),
  ...machineRows(attempt, probe()),
  ...namespaceRows(attempt, process.getuid?.() === 0),
  ...controlGroupRows(hierarchies(), mayWrite),
];
for (const row of rows) process.stdout.write(`${printed(row)}\n`);
process.exitCode = verdict(rows);
