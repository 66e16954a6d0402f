#!/bin/bash
# Chapter 06 with ip(8) and nft(8): the same command line, another implementation.
# It passes the checkpoints, but for the one about a server for names, which it has not.
#
# It keeps nothing on the disk. A network is its bridge, whose address says the subnet; a
# lease is the alias of the host's end of a cable, and goes with it.
set -u

die() { echo "cable.sh: $*" >&2 && exit 125; }

network=bridge subnet='' address='' ports=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  case $1 in
    --network) network=$2 ;;
    --subnet) subnet=$2 ;;
    --ip) address=$2 ;;
    -p) ports+=("$2") ;;
    *) die "unknown option $1" ;;
  esac
  shift 2
done
[ "${1:-}" = -- ] && shift

# range SUBNET: its `first` and `last` address, as numbers.
range() {
  local a b c d bits
  IFS=./ read -r a b c d bits <<< "$1"
  first=$(((a << 24 | b << 16 | c << 8 | d) >> (32 - bits) << (32 - bits)))
  last=$((first + (1 << (32 - bits)) - 1))
}

dotted() { echo "$(($1 >> 24)).$(($1 >> 16 & 255)).$(($1 >> 8 & 255)).$(($1 & 255))"; }

subnets() { ip -4 -o address show type bridge | awk '{ print $2, $4 }'; }

make_table() {
  nft list table ip cable > /dev/null 2>&1 || nft -f - << 'END'
table ip cable {
  map ports { type inet_service : ipv4_addr . inet_service; }
  chain inwards {
    type nat hook prerouting priority dstnat;
    fib daddr type local dnat ip to tcp dport map @ports
  }
  chain outwards { type nat hook postrouting priority srcnat; }
  chain through { type filter hook forward priority filter; }
}
END
}

make_network() {
  local begin end one other
  range "$subnet" && begin=$first end=$last
  while read -r one other; do
    range "${other:-0.0.0.0/32}"
    [ "$begin" -gt "$last" ] || [ "$first" -gt "$end" ] ||
      die "$subnet overlaps $(dotted "$first")/${other#*/} of $one"
  done <<< "$(subnets)"
  ip link add "$bridge" type bridge
  ip address add "$(dotted $((begin + 1)))/${subnet#*/}" dev "$bridge"
  ip link set "$bridge" up
  echo 1 > /proc/sys/net/ipv4/ip_forward
  nft add rule ip cable outwards ip saddr "$subnet" oifname != "$bridge" masquerade
  nft add rule ip cable through iifname "$bridge" oifname 'net-*' oifname != "$bridge" drop
}

# The address that was asked for, or the first that nobody has.
choose() {
  local taken number
  taken=$(ip -o link | sed -n 's/.*alias \([0-9.]*\).*/\1/p')
  for ((number = first + 2; number < last; number += 1)); do
    [ -n "$address" ] || grep -qxF "$(dotted $number)" <<< "$taken" || address=$(dotted $number)
  done
  [ -n "$address" ] || die "$subnet has no free address"
  ! grep -qxF "$address" <<< "$taken" || die "$address is taken"
}

space=$(mktemp)
end=cable-$$
trap 'ip link delete "$end" 2> /dev/null; umount "$space"; rm "$space"' EXIT
unshare --net="$space" ip link set lo up

if [ "$network" != none ]; then
  exec 9< "$0" && flock 9
  bridge=net-$network
  make_table
  own=$(subnets | sed -n "s/^$bridge //p")
  subnet=${own:-${subnet:-172.30.0.0/16}}
  [ -n "$own" ] || make_network
  range "$subnet" && choose
  mac=02:42:$(printf '%02x:%02x:%02x:%02x' ${address//./ })
  nsenter --net="$space" ip link add eth0 address "$mac" type veth peer name "$end" netns $$
  ip link set "$end" master "$bridge" alias "$address" up
  exec 9<&-
  nsenter --net="$space" ip -batch - << END
address add $address/${subnet#*/} dev eth0
link set eth0 up
route add default via $(dotted $((first + 1)))
END
  for port in "${ports[@]}"; do
    nft add element ip cable ports "{ ${port%:*} : $address . ${port#*:} }"
  done
fi

# When this script is killed, so is the application.
setpriv --pdeathsig KILL nsenter --net="$space" -- "$@"
status=$?
for port in "${ports[@]}"; do nft delete element ip cable ports "{ ${port%:*} }"; done
exit $status
