# shellcheck shell=bash
# What every script of the provisioning begins with; it is read by them (`source`), not run.
#
# - synced          where this tree was copied to: the scripts' own tree
# - say, give_up    one line of what is done; one line of what went wrong and what to do
# - table NAME      the rows of a table in vagrant/machines/ or vagrant/provision/
# - mirror NAME     the address of a mirror that LAB_MIRROR names, or nothing
# - quietly CMD…    runs it and shows its output only when it fails

set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
LAB_MIRROR=${LAB_MIRROR:-}
LAB_OFFLINE=${LAB_OFFLINE:-}

# Vagrant copies the script that it runs to /tmp: then the tree is where it was synchronised to.
synced=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
mkdir -p /etc/slipway-lab /var/cache/slipway-lab

say() { echo "lab: $*"; }
give_up() {
  echo "lab: $1" >&2
  echo "lab: -> $2" >&2
  exit 1
}

table() { grep -hv -e '^#' -e '^$' "$synced/vagrant/machines/$1.table"; }

mirror() {
  case $LAB_MIRROR in
    '') ;;
    *=*) tr ',' '\n' <<< "$LAB_MIRROR" | sed -n "s/^$1=//p" ;;
    *) table mirrors | awk -v name="$LAB_MIRROR" -v what="$1" '$1 == name && $2 == what { print $3 }' ;;
  esac
}

quietly() {
  local log status=0
  log=$(mktemp)
  "$@" > "$log" 2>&1 || status=$?
  [ "$status" -eq 0 ] || tail -n 30 "$log" >&2
  rm -f "$log"
  return "$status"
}
