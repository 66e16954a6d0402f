#!/bin/busybox sh
# The guest's first program, from the initramfs: makes the host's files the guest's root.
#
#     / (initramfs)  ->  overlay of  lower: the host's root over 9p, read-only
#                                    upper: a tmpfs, gone with the guest
#
# then hands over to session.sh by switch_root. (The initramfs cannot be pivoted, and a chapter that
# calls pivot_root must find a root that can.) What is needed later goes to its /run/slipway.
# Expects beside itself: bin/busybox, modules/*.ko, modules/order, settings, session.sh, command.

/bin/busybox mkdir -p /proc /sys /dev /host /upper /new
/bin/busybox --install -s /bin
export PATH=/bin

give_up() {
  echo "slipway: gives up: $*"
  poweroff -f
  # When even that fails: the end of PID 1 is a panic, and a panic ends QEMU.
  exit 1
}

mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
. /settings

if [ "$task" = probe ]; then
  echo "slipway: alive"
  poweroff -f
fi

while read -r module; do
  insmod "/modules/$module" || give_up "insmod $module"
done < /modules/order

# cache=loose: what the host changes meanwhile is not noticed; session.sh pins what may well change.
transport=trans=virtio,version=9p2000.L,msize=512000
mount -t 9p -o "$transport,cache=loose,ro" host /host || give_up "no 9p share of the host's root"
mount -t tmpfs -o mode=755 tmpfs /upper
mkdir /upper/files /upper/work
mount -t overlay -o lowerdir=/host,upperdir=/upper/files,workdir=/upper/work overlay /new ||
  give_up "no overlay over the host's root"

mount -t tmpfs -o mode=755 tmpfs /new/run
mkdir -p /new/run/slipway/bin /new/run/slipway/exchange
cp /bin/busybox /new/run/slipway/bin/
cp /session.sh /settings /command /new/run/slipway/
mount -t 9p -o "$transport,cache=none" exchange /new/run/slipway/exchange ||
  give_up "no 9p share for the results"

# Moved, not mounted anew: what the new root has at /proc until now is the host's, seen through 9p;
# there, `self` is QEMU.
for folder in proc sys dev; do
  mount --move "/$folder" "/new/$folder" || give_up "cannot move /$folder"
done
exec switch_root /new /run/slipway/bin/busybox sh /run/slipway/session.sh
