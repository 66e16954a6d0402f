# The guest's second program, PID 1 from then on: a small Debian without systemd, one command in it.
#
#     the checkout        the host's files as they were when the guest started
#     what is mounted     /dev/pts /dev/shm /dev/mqueue, securityfs (AppArmor), /lib/modules
#     what is loaded      FUSE and loop devices, as on a machine with systemd
#     a disk of its own   ext4 on /dev/vda: /tmp and /var/tmp, so that overlays and limits on block
#                         input and output have a real file system and a real device under them
#     control groups      as $world says: v1 (a hierarchy a controller) or v2 (every controller on)
#     the command         /run/slipway/command in $folder; its output goes to `output` of the
#                         exchange (or to the terminal hvc0), its exit status to `status`
#
# Everything that a step prints goes to the console, which the host shows when something fails.

slipway=/run/slipway
$slipway/bin/busybox --install -s $slipway/bin
host_path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH=$slipway/bin:$host_path
. $slipway/settings

give_up() {
  echo "slipway: gives up: $*"
  sync
  poweroff -f
  # When even that fails: the end of PID 1 is a panic, and a panic ends QEMU.
  exit 1
}

mount_more_kernel_files() {
  mount -t securityfs securityfs /sys/kernel/security
  mkdir -p /dev/pts /dev/shm /dev/mqueue
  mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
  mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs /dev/shm
  mount -t mqueue mqueue /dev/mqueue
  ln -sf /proc/self/fd /dev/fd
  ln -sf /proc/self/fd/0 /dev/stdin
  ln -sf /proc/self/fd/1 /dev/stdout
  ln -sf /proc/self/fd/2 /dev/stderr
}

# The kernel asks /sbin/modprobe for modules. A minimal host has none, and kmod's wants the index in
# a binary form that busybox's depmod does not write: so it is busybox's, for all in the guest.
offer_modules() {
  mkdir -p /lib/modules
  mount -t tmpfs -o mode=755 tmpfs /lib/modules
  mkdir "/lib/modules/$(uname -r)"
  mount --bind "$modules" "/lib/modules/$(uname -r)"
  ln -sf $slipway/bin/modprobe /sbin/modprobe
}

# systemd makes these two nodes, and the first who opens one loads its module.
offer_devices() {
  modprobe fuse || give_up "no fuse"
  modprobe loop || give_up "no loop"
}

# Puts an empty folder of the disk over $1, but leaves the checkout visible if it lies below.
empty_folder() {
  mkdir -p "$slipway/disk$1" "$1"
  chmod 1777 "$slipway/disk$1"
  case "$folder/" in
    "$1"/*)
      mkdir -p $slipway/checkout "$slipway/disk$folder"
      mount --bind "$folder" $slipway/checkout
      mount --bind "$slipway/disk$1" "$1"
      mount --bind $slipway/checkout "$folder"
      umount $slipway/checkout
      ;;
    *) mount --bind "$slipway/disk$1" "$1" ;;
  esac
}

# Touching a file copies it up into the guest's layer. Who edits the checkout while the guest runs
# would otherwise hand it files with the old size and the new text: the 9p client remembers sizes.
pin_checkout() {
  find "$folder" \( -name node_modules -o -name .git -o -name .cache -o -name target \) -prune \
    -o -type f -exec touch -c -a {} + || give_up "no checkout in $folder"
}

mount_disk() {
  mkdir -p $slipway/disk
  modprobe virtio_blk && modprobe ext4 && mount -t ext4 /dev/vda $slipway/disk ||
    give_up "no ext4 on /dev/vda"
  empty_folder /tmp
  empty_folder /var/tmp
}

control_groups_v1() {
  mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup
  while read -r controller _ _ enabled; do
    [ "$enabled" = 1 ] || continue
    mkdir "/sys/fs/cgroup/$controller"
    mount -t cgroup -o "$controller" "$controller" "/sys/fs/cgroup/$controller"
  done < /proc/cgroups
  # As systemd leaves it: version 2 is there, too, without controllers.
  mkdir /sys/fs/cgroup/unified
  mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified
}

control_groups_v2() {
  mount -t cgroup2 -o nsdelegate,memory_recursiveprot cgroup2 /sys/fs/cgroup
  for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do
    echo "+$controller" > /sys/fs/cgroup/cgroup.subtree_control
  done
}

# `npx tsx FILE` looks for tsx for seconds where a processor is emulated, and starts three programs.
# Where Node itself reads TypeScript it does so here. A terminal that prose is typed into inherits
# nothing of ours, so this says it again.
quicken_npx() {
  [ "$(PATH=$1 node -p process.features.typescript)" = strip ] || return 0
  mkdir -p $slipway/quick
  cat > $slipway/quick/npx << END
#!/bin/sh
[ "\$1" = tsx ] || exec $(export PATH="$1" && command -v npx) "\$@"
shift
NODE_OPTIONS='$NODE_OPTIONS' NODE_COMPILE_CACHE=$NODE_COMPILE_CACHE exec node "\$@"
END
  chmod 755 $slipway/quick/npx
}

# The command sees the host's tools and the checkout's Node, not this script's busybox.
run_command() {
  cd "$folder" || give_up "no folder $folder"
  # As systemd sets them; the kernel's own hard limit is 4096 files.
  ulimit -H -n 524288 && ulimit -S -n 1024 || give_up "no limits on open files"
  export HOME=/root USER=root LANG=C.UTF-8
  export PATH="$slipway/quick:$folder/node_modules/.bin:$host_path"
  # Hundreds of programs start here: what one of them has compiled the next one finds.
  mkdir -p /tmp/compiled && chmod 1777 /tmp/compiled
  export NODE_COMPILE_CACHE=/tmp/compiled
  cp "$folder/workshop/vm/guest/emulated.cjs" $slipway/ || give_up "no workshop in $folder"
  export NODE_OPTIONS="--require $slipway/emulated.cjs"
  quicken_npx "$folder/node_modules/.bin:$host_path"
  export SLIPWAY_GUEST="$world" SLIPWAY_SLOW="$slow" SLIPWAY_EXCHANGE=$slipway/exchange
  if [ "$terminal" = yes ]; then
    modprobe virtio_console || give_up "no virtio_console"
    export TERM="$term"
    {
      $slipway/bin/stty rows "$rows" cols "$columns"
      $slipway/bin/setsid -c bash $slipway/command
    } < /dev/hvc0 > /dev/hvc0 2>&1
  else
    $slipway/bin/setsid bash $slipway/command < /dev/null >> $slipway/exchange/output 2>&1
  fi
}

mount_more_kernel_files
offer_modules
offer_devices
pin_checkout
mount_disk
hostname slipway-guest
ip link set lo up
"control_groups_$world"
# As systemd leaves it: what a container does against propagation must be needed here too.
mount --make-rshared /
echo "slipway: session"
run_command
status=$?
echo $status > $slipway/exchange/status
echo "slipway: status $status"
$slipway/bin/sync
$slipway/bin/poweroff -f
