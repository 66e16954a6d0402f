#!/bin/bash
# Chapter 02 with mkdir and echo: the same command line, another implementation. It passes
# the checkpoints (all but the one about /proc); the wrong answers are this script with one
# line changed.
set -u

# Where a controller's hierarchy is mounted: of version 1, or else the one of version 2.
where() {
  awk -v name="$1" '{ for (i = 7; $i != "-"; i++); }
    $(i + 1) == "cgroup" && index("," $(i + 3) ",", "," name ",") { print $5 }
    $(i + 1) == "cgroup2" { two = $5 } END { print two }' /proc/self/mountinfo | head -1
}
version() { [ -e "$(where "$1")/cgroup.controllers" ] && echo 2 || echo 1; }
group() { echo "$(where "$1")/slipway/$name"; }
all() { for one in cpu cpuset memory pids freezer; do group $one; done | sort -u; }
die() { echo "groups.sh: $*" >&2; clean; exit 125; }

# put CONTROLLER FILE VALUE FILE-OF-2 VALUE-OF-2
put() {
  local file=$2 value=$3
  [ "$(version "$1")" = 2 ] && file=$4 value=${5:-$3}
  echo "$value" 2> /dev/null > "$(group "$1")/$file" || die "$file does not take $value"
}

limits() {
  [ -z "$memory" ] || put memory memory.limit_in_bytes $memory memory.max
  [ -z "$memory" ] || put memory memory.memsw.limit_in_bytes $((2 * memory)) memory.swap.max $memory
  [ -z "$quota" ] || put cpu cpu.cfs_period_us 100000 cpu.max "$quota 100000"
  [ -z "$quota" ] || put cpu cpu.cfs_quota_us $quota cpu.max "$quota 100000"
  [ -z "$pids" ] || put pids pids.max $pids pids.max
  [ -z "$cpus" ] || put cpuset cpuset.cpus $cpus cpuset.cpus
}

make() {
  for folder in $(all); do
    mkdir -p "$folder" || die "no group $folder"
    home=${folder%/*} top=${folder%/slipway/*}
    for above in "$top" "$home"; do
      for one in cpu cpuset memory pids; do
        [ "$(version $one)" = 1 ] || [ ! -e "$above/cgroup.subtree_control" ] ||
          [ "$(where $one)" != "$top" ] || echo +$one > "$above/cgroup.subtree_control"
      done
    done
  done
  [ "$(version cpuset)" = 2 ] && return
  for folder in "$(where cpuset)/slipway" "$(group cpuset)"; do
    for file in cpuset.cpus cpuset.mems; do
      [ -n "$(cat "$folder/$file")" ] || cat "$folder/../$file" > "$folder/$file"
    done
  done
}

clean() {
  for folder in $(all); do
    [ -d "$folder" ] || continue
    for try in 1 2 3 4 5 6 7 8 9 10; do
      kill -KILL $(cat "$folder/cgroup.procs") 2> /dev/null
      rmdir "$folder" 2> /dev/null && break
      sleep 0.1
    done
    rmdir "${folder%/*}" 2> /dev/null
  done
}

thaw() { put freezer freezer.state THAWED cgroup.freeze 0; }

number() { # 64m → bytes
  [[ $1 =~ ^([0-9]+)([kmg]?)$ ]] || die "--memory $1: write a size, as in 64m"
  local powers=([0]=1) unit=${BASH_REMATCH[2]}
  case $unit in k) echo $((BASH_REMATCH[1] << 10)) ;; m) echo $((BASH_REMATCH[1] << 20)) ;;
    g) echo $((BASH_REMATCH[1] << 30)) ;; *) echo "${BASH_REMATCH[1]}" ;; esac
}

name=script-$$ memory='' quota='' pids='' cpus='' init='' flags=() pid='' mount=''
verb=run
case ${1:-} in enter | pause | resume | update) verb=$1 && shift ;; esac

while [ $# -gt 0 ] && [[ $1 = --?* ]]; do
  case $1 in
    --pid) pid=1 flags+=(--pid --fork --kill-child) ;;
    --mount) mount=1 flags+=(--mount --propagation private) ;;
    --memory) memory=$(number "$2") || exit 125; shift ;;
    --cpus)
      awk -v n="$(nproc)" -v c="$2" 'BEGIN { exit !(c >= 0.01 && c <= n) }' ||
        die "--cpus $2: write 0.01 to $(nproc)"
      quota=$(awk -v c="$2" 'BEGIN { print int(c * 100000) }') && shift ;;
    --pids) pids=$2 && shift ;;
    --cpuset-cpus) cpus=$2 && shift ;;
    --init) init=1 ;;
    *) die "unknown option $1" ;;
  esac
  shift
done

if [ $verb != run ]; then
  target=$1 && shift
  name=$(sed -n 's|.*/slipway/\([^/]*\).*|\1|p' "/proc/$target/cgroup" | head -1)
  clean() { :; }
fi
case $verb in
  pause) put freezer freezer.state FROZEN cgroup.freeze 1; exit ;;
  resume) thaw; exit ;;
  update) limits; exit ;;
  enter)
    shift
    for folder in $(all); do echo $$ > "$folder/cgroup.procs"; done
    exec nsenter --target "$target" --mount --pid -- "$@"
    ;;
esac
[ "${1:-}" = -- ] && shift

make
limits

# What the first process inside does before it becomes the application.
first='exec "$@"'
[ -z "$init" ] || first='"$@" & child=$!
trap "kill -TERM $child" TERM
wait $child; wait $child; exit $?'
[ -z "$pid$mount" ] || [ -z "$pid" ] || [ -z "$mount" ] || first="mount -t proc proc /proc; $first"

# A shell that enters the group, and then becomes the program: it is born inside.
enter='for folder in $0; do echo $$ > "$folder/cgroup.procs" || exit 125; done; exec "$@"'
bash -c "$enter" "$(all | tr '\n' ' ')" setpriv --pdeathsig KILL \
  unshare "${flags[@]}" -- bash -c "$first" bash "$@" <&0 &
child=$!
trap 'kill -TERM $child; thaw' TERM
# A trap ends `wait` before the child has ended.
while wait $child; status=$?; kill -0 $child 2> /dev/null; do :; done
if [ "$(version memory)" = 1 ]; then events=memory.oom_control; else events=memory.events; fi
grep -q '^oom_kill [1-9]' "$(group memory)/$events" &&
  echo 'groups.sh: the memory limit ended it' >&2
clean
exit $status
