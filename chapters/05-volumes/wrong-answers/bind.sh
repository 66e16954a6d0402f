#!/bin/bash
# Chapter 05 with the tools of util-linux: the same command line, another implementation.
# It passes the checkpoints; the wrong answers are this script with one line changed.
set -u

volumes=${SLIPWAY_STATE:-/var/tmp/slipway-$(id -u)}/volumes
tab=$'\t'
die() { echo "bind.sh: $*" >&2 && exit 125; }

if [ "${1:-}" = volume ]; then
  verb=$2 && shift 2
  case $verb in
    create) mkdir -p "$volumes/$1/_data" && echo "$1" ;;
    ls) echo 'DRIVER    VOLUME NAME' && ls "$volumes" | sed 's/^/local     /' ;;
    rm)
      exec 8< "$volumes/$1" && flock -n 8 || die "volume $1 is in use"
      rm -rf "${volumes:?}/$1" && echo "$1"
      ;;
  esac
  exit
fi

flags=(--fork --kill-child --mount --propagation private)
root='' plan='' seen=' '
export read_only=''

# add KIND SOURCE TARGET OPTIONS: one line of the plan, by the depth of its target.
add() {
  local kind=$1 source=$2 target=$3 options=$4
  case $target in /*) ;; *) die "the target $target is relative" ;; esac
  target=$(realpath -ms "$target")
  [ "$target" != / ] || die ":/ is the root itself"
  case $seen in *" $target "*) die "two mounts on $target" ;; esac
  seen+="$target "
  local slashes=${target//[!\/]/}
  plan+="${#slashes}$tab$kind$tab$source$tab$target$tab$options"$'\n'
}

# volume NAME TARGET: claimed for as long as this script runs, filled if it is empty.
named() {
  local data=$volumes/$1/_data inside=$root$2 lock
  mkdir -p "$data"
  exec {lock}< "$volumes/$1" && flock -s "$lock" || die "volume $1 is going"
  if [ -d "$inside" ] && [ -z "$(ls -A "$data")" ]; then cp -a "$inside/." "$data"; fi
}

short() {
  local source target options
  IFS=: read -r source target options <<< "$1"
  [ -n "$source" ] || die "$1 has no source"
  local word
  for word in ${options//,/ }; do
    case $word in ro | rw | z | Z | rprivate | nocopy) ;; *) die "unknown option $word" ;; esac
  done
  case $source in
    /*) mkdir -p "$source" 2> /dev/null; add bind "$source" "$target" "$options" ;;
    *) add volume "$source" "$target" "$options" ;;
  esac
}

long() {
  local source target field
  for field in ${1//,/ }; do
    case $field in
      src=*) source=${field#*=} ;;
      dst=*) target=${field#*=} ;;
    esac
  done
  [ -e "$source" ] || die "there is no $source"
  add bind "$source" "$target" ''
}

# The plan of a container is a file that is named after the script that runs it.
inherit() {
  local pid=$1 kind source target options
  while [ "$pid" -gt 1 ] && [ ! -e "$volumes/../plan-$pid" ]; do
    pid=$(awk '/^PPid:/ { print $2 }' "/proc/$pid/status")
  done
  while IFS=$tab read -r _ kind source target options; do
    add "$kind" "$source" "$target" "$options"
  done < "$volumes/../plan-$pid"
}

while [ $# -gt 0 ] && [ "$1" != -- ]; do
  case $1 in
    --mount) case ${2:-} in *=*) long "$2" && shift ;; esac ;;
    --pid | --uts | --ipc | --net) flags+=("$1") ;;
    --rootfs) root=$2 && shift ;;
    --read-only) read_only=1 ;;
    -v) short "$2" && shift ;;
    --tmpfs) add tmpfs tmpfs "${2%%:*}" "${2#*:}" && shift ;;
    --volumes-from) inherit "$2" && shift ;;
    *) die "unknown option $1" ;;
  esac
  shift
done
[ "${1:-}" = -- ] && shift

mkdir -p "$volumes"
while IFS=$tab read -r _ kind source target _; do
  [ "$kind" = volume ] && named "$source" "$target"
done <<< "$plan"
plan=$(sort -n <<< "$plan" | sed '/^$/d')
echo "$plan" > "$volumes/../plan-$$"
trap 'rm -f "$volumes/../plan-$$"' EXIT
export plan volumes

# What the first process inside does before it becomes the application.
first='
set -eu
die() { echo "bind.sh: $*" >&2; exit 125; }
cd "$0"
mount --bind . . && cd "$0"
mkdir -p proc dev
mount -t tmpfs -o nosuid,mode=755 tmpfs dev
for node in null:1:3 zero:1:5; do
  numbers=${node#*:}
  mknod -m 666 dev/${node%%:*} c ${numbers%:*} ${numbers#*:}
done
mount -t proc proc proc
while IFS=$(printf "\t") read -r _ kind source target options; do
  [ -n "$kind" ] || continue
  place=.
  IFS=/ read -ra names <<< "${target#/}"
  for name in "${names[@]}"; do
    place=$place/$name
    [ ! -L "$place" ] || die "$target leads through a link, ${place#.}"
  done
  [ "$kind" != volume ] || source=$volumes/$source/_data
  if [ -d "$source" ] || [ "$kind" = tmpfs ]; then
    [ ! -f "$place" ] || die "$target is a file"
    mkdir -p "$place"
  else
    [ ! -d "$place" ] || die "$target is a folder"
    mkdir -p "${place%/*}" && touch "$place"
  fi
  if [ "$kind" = tmpfs ]; then
    mount -t tmpfs -o "nosuid,nodev,noexec,$options" tmpfs "$place"
    continue
  fi
  mount --rbind "$source" "$place"
  mount --make-rprivate "$place"
  case ,$options, in *,ro,*)
    under=$(realpath "$place")
    awk -v at="$under" "\$5 == at || index(\$5, at \"/\") == 1 { print \$5 }" \
      /proc/self/mountinfo | while read -r one; do mount -o remount,bind,ro "$one"; done
  esac
done <<< "$plan"
[ -z "$read_only" ] || mount -o remount,bind,ro .
pivot_root . .
hash -r
umount -l .
cd /
exec "$@"
'

# When this script is killed, so is unshare, and with it (--kill-child) the container.
setpriv --pdeathsig KILL unshare "${flags[@]}" -- bash -c "$first" "$root" "$@"
exit $?
