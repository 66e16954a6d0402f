#!/usr/bin/env bash
# Runs a command beside a libvirtd of its own: `libvirt.sh FOLDER COMMAND…`, as root.
#
# In a network namespace and a mount namespace of their own: the daemon's bridge, its dnsmasq and its rules
# never touch the host, and its files are in FOLDER. It ends with the command, and what it started with it.
set -euo pipefail
if [ "${SLIPWAY_BESIDE_LIBVIRT:-}" != yes ]; then
  exec env SLIPWAY_BESIDE_LIBVIRT=yes unshare --net --mount --ipc --propagation private "$0" "$@"
fi
folder=$1
shift
ip link set lo up
mkdir -p "$folder"/{etc,run,lib,log,cache} /var/lib/libvirt /var/log/libvirt /var/cache/libvirt
mount -t tmpfs -o mode=755 run /run
mkdir -p /run/lock
cp -r /etc/libvirt/. "$folder/etc/"
rm -rf "$folder"/etc/qemu/networks/autostart/* "$folder"/etc/qemu/autostart/*
for part in lib log cache; do mount --bind "$folder/$part" "/var/$part/libvirt"; done
mount --bind "$folder/etc" /etc/libvirt
# Without systemd, AppArmor and control groups of its own; the files stay with root.
cat > /etc/libvirt/qemu.conf << 'CONF'
user = "root"
group = "root"
dynamic_ownership = 1
remember_owner = 0
security_driver = "none"
cgroup_controllers = []
stdio_handler = "file"
namespaces = []
CONF
printf 'auth_unix_rw = "none"\nunix_sock_rw_perms = "0700"\n' > /etc/libvirt/libvirtd.conf
libvirtd --daemon --config /etc/libvirt/libvirtd.conf
daemon=$(cat /run/libvirtd.pid 2> /dev/null || cat /run/libvirt/libvirtd.pid)
status=0
"$@" || status=$?
for machine in $(virsh --quiet list --name); do virsh --quiet destroy "$machine" > /dev/null; done
for net in $(virsh --quiet net-list --name); do virsh --quiet net-destroy "$net" > /dev/null; done
kill "$daemon"
while kill -0 "$daemon" 2> /dev/null; do sleep 0.1; done
exit "$status"
