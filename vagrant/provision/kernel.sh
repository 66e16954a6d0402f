#!/usr/bin/env bash
# Gives the machine the kernel that it is for: `kernel.sh MACHINE`, as root.
#
# - control groups of version 1 or 2, by an option on the kernel's command line
# - aufs, a module of the kernel that Ubuntu 20.04 came with
#
# When only a reboot is missing, /run/slipway-lab/reboot exists afterwards. It can be run again at any
# time, and then changes nothing.
[ -d /vagrant/vagrant/provision ] && here=/vagrant/vagrant/provision || here=$(dirname "$0")
# shellcheck source=vagrant/provision/surroundings.sh
source "$here/surroundings.sh"

machine=${1:-modern}
world=$(table machines | awk -v name="$machine" '$1 == name { print $3 }')
[ -n "$world" ] || give_up "there is no machine $machine" "one of: $(table machines | awk '{ printf "%s ", $1 }')"
echo "$machine" > /etc/slipway-lab/machine
mkdir -p /run/slipway-lab

world_now() { if [ -e /sys/fs/cgroup/cgroup.controllers ]; then echo v2; else echo v1; fi; }

# systemd 258 and later cannot boot into version 1; from 256 on it wants the second word as well.
want_version_1() {
  local release options
  release=$(systemctl --version | awk 'NR == 1 { print int($2) }')
  [ "$release" -lt 258 ] ||
    give_up "systemd $release cannot boot into control groups of version 1" 'take a box with Debian 12'
  options='systemd.unified_cgroup_hierarchy=0 SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1'
  set_kernel_options "$options"
}

set_kernel_options() {
  local file=/etc/default/grub.d/99-slipway-lab.cfg
  command -v update-grub > /dev/null ||
    give_up 'this box does not boot with GRUB' "give its kernel the options: $1"
  mkdir -p /etc/default/grub.d
  # shellcheck disable=SC2016 # expanded by GRUB's own script
  printf 'GRUB_CMDLINE_LINUX="$GRUB_CMDLINE_LINUX %s"\n' "$1" > "$file"
  quietly update-grub || give_up 'update-grub failed' 'see above'
}

control_groups() {
  if [ "$(world_now)" = "$world" ]; then
    say "control groups: version ${world#v} already"
  elif [ "$world" = v1 ]; then
    say 'control groups: version 1, from the next start on'
    want_version_1
    touch /run/slipway-lab/reboot
  else
    give_up 'this box boots into control groups of version 1' 'take a box with Debian 11 or later'
  fi
}

aufs() {
  if grep -qw aufs /proc/filesystems || modprobe aufs 2> /dev/null; then
    say "aufs: Linux $(uname -r) has it"
    return
  fi
  local package
  package=linux-modules-extra-$(uname -r)
  say "aufs: installing $package"
  { quietly apt-get update -q && quietly apt-get install -y --no-install-recommends "$package"; } || true
  modprobe aufs 2> /dev/null && { say "aufs: Linux $(uname -r) has it"; return; }
  say "aufs: Linux $(uname -r) does not have it; only Ubuntu 20.04 with its first kernel (5.4) does"
  say '-> LAB_BOX_CLASSIC_AUFS=another/box vagrant/lab reset classic-aufs'
  say '-> without it: unionfs-fuse stands in, and chapter 04 shows what was recorded'
}

control_groups
if [ "$machine" = classic-aufs ]; then aufs; fi
