#!/bin/bash
# Chapter 01 with the tools of util-linux: the same command line, another implementation.
# It passes the checkpoints (all but the one about --uid-map, which unshare(1) cannot do from
# outside); the wrong answers are this script with one line changed.
set -u

flags=(--fork --kill-child)
hostname='' pid='' mount='' user=''

if [ "${1:-}" = enter ]; then
  target=$2
  shift 3
  join=()
  for kind in mnt:mount uts:uts ipc:ipc net:net cgroup:cgroup pid:pid user:user time:time; do
    link=${kind%%:*} option=${kind##*:}
    [ "$(readlink "/proc/self/ns/$link")" = "$(readlink "/proc/$target/ns/$link")" ] ||
      join+=("--$option")
  done
  exec nsenter --target "$target" "${join[@]}" -- "$@"
fi

while [ $# -gt 0 ] && [ "$1" != -- ]; do
  case $1 in
    --pid) pid=1 flags+=(--pid) ;;
    --mount) mount=1 flags+=(--mount --propagation private) ;;
    --uts | --ipc | --net | --cgroup | --time) flags+=("$1") ;;
    --user) flags+=(--user) ;;
    --map-root-user) flags+=(--user --map-root-user) ;;
    --hostname) hostname=$2 && shift ;;
    *) echo "unshare.sh: unknown option $1" >&2 && exit 125 ;;
  esac
  shift
done
[ "${1:-}" = -- ] && shift

# What the first process inside does before it becomes the application.
first='exec "$@"'
[ -n "$hostname" ] && first='hostname "$0" && '$first
[ -n "$pid" ] && [ -n "$mount" ] && first='mount -t proc proc /proc && '$first

# When this script is killed, so is unshare, and with it (--kill-child) the container.
setpriv --pdeathsig KILL unshare "${flags[@]}" -- sh -c "$first" "$hostname" "$@"
exit $?
