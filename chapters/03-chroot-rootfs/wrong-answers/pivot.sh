#!/bin/bash
# Chapter 03 with the tools of util-linux: the same command line, another implementation.
# It passes the checkpoints; the wrong answers are this script with one line changed.
set -u

case ${1:-} in
  enter)
    target=$2 && shift 3
    exec nsenter --target "$target" --mount --pid --uts --ipc --net -- "$@"
    ;;
  pack)
    folder=$2 && shift 2
    for program; do
      path=$(command -v "$program")
      for file in "$path" $(ldd "$path" | grep -o '/[^ ]*'); do
        mkdir -p "$folder${file%/*}" && cp -L "$file" "$folder$file" || exit 1
      done
    done
    exit 0
    ;;
esac

flags=(--fork --kill-child --mount --propagation private)
root='' unpacked='' hostname=''
export read_only=''

while [ $# -gt 0 ] && [ "$1" != -- ]; do
  case $1 in
    --mount) ;;
    --pid | --uts | --ipc | --net) flags+=("$1") ;;
    --hostname) hostname=$2 && shift ;;
    --rootfs) root=$2 && shift ;;
    --read-only) read_only=1 ;;
    *) echo "pivot.sh: unknown option $1" >&2 && exit 125 ;;
  esac
  shift
done
[ "${1:-}" = -- ] && shift

if [ -f "$root" ]; then
  unpacked=$(mktemp -d)
  trap 'rm -rf "$unpacked"' EXIT
  tar -xpf "$root" -C "$unpacked" || exit 125
  root=$unpacked
fi

# What the first process inside does before it becomes the application.
first='
set -eu
cd "$0"
mount --bind . . && cd "$0"
for name in proc dev sys; do
  [ ! -L "$name" ] || { echo "pivot.sh: /$name in the root is a link" >&2; exit 125; }
  mkdir -p "$name"
done
mount -t sysfs -o ro,nosuid,nodev,noexec sysfs sys
mount -t tmpfs -o nosuid,mode=755 tmpfs dev
mkdir -p dev/pts dev/shm dev/mqueue
for node in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0; do
  name=${node%%:*} numbers=${node#*:}
  [ -e dev/$name ] || mknod -m 666 dev/$name c ${numbers%:*} ${numbers#*:}
done
ln -sf /proc/self/fd dev/fd && ln -sf pts/ptmx dev/ptmx
for stream in stdin:0 stdout:1 stderr:2; do
  ln -sf /proc/self/fd/${stream#*:} dev/${stream%:*}
done
mount -t devpts -o newinstance,ptmxmode=0666,mode=0620,gid=5 devpts dev/pts
mount -t tmpfs -o nosuid,nodev,noexec,mode=1777 shm dev/shm
mount -t mqueue mqueue dev/mqueue
mount -t proc proc proc
for name in acpi asound interrupts kcore keys latency_stats sched_debug scsi timer_list; do
  [ -d proc/$name ] && mount -t tmpfs -o ro,size=0 none proc/$name
  [ -f proc/$name ] && mount --bind /dev/null proc/$name
done || true
for path in sys/firmware sys/devices/virtual/powercap; do
  [ -d $path ] && mount -t tmpfs -o ro,size=0 none $path
done || true
for name in bus fs irq sys sysrq-trigger; do
  [ -e proc/$name ] || continue
  mount --bind proc/$name proc/$name && mount -o remount,bind,ro proc/$name
done
[ -z "$read_only" ] || mount -o remount,bind,ro .
[ -z "$hostname" ] || hostname "$hostname"
exec 9< /bin/busybox
pivot_root . .
(exec -a busybox /proc/self/fd/9 umount -l .)
exec 9<&-
cd / && hash -r
exec "$@"
'

export hostname
# When this script is killed, so is unshare, and with it (--kill-child) the container.
setpriv --pdeathsig KILL unshare "${flags[@]}" -- bash -c "$first" "$root" "$@"
exit $?
