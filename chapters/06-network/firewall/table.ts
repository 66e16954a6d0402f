// The firewall: one table of ours, written once as text.
//
// - `tableText`: what `nft -f` loads when the first network is made
// - `tableName`: `inet slipway`
//
// Nothing in it names a container. The rules look into sets and maps, and a network or
// a published port is an element in one of them: one netlink message, no matter how
// many there are, and looked up by hash instead of read from top to bottom.
//
// What a packet meets on its way:
//
//   from outside  guard → arriving (DNAT) → routing → forward → leaving
//   from the host        local (DNAT) → routing →            → leaving
//
// Sources: nft(8), "Netfilter hooks" on wiki.nftables.org.

export const tableName = 'inet slipway';

/** What leaves the host, by whatever link. */
const leaving = [
  // #hole masquerade: The world does not know our subnets, so an answer has to find the
  // host: what came in by one of our bridges and leaves by no bridge needs its address.
  '    iifname @bridges oifname != @bridges masquerade',
  // #instead
  // #endhole
  '    # Hairpin: a neighbour would answer directly, and not by the way it was asked.',
  '    # (Not by iifname: a frame that the bridge shows us has none any more.)',
  '    oifname @bridges ct status dnat ip saddr @pools4 masquerade',
  '    oifname @bridges ct status dnat ip6 saddr @pools6 masquerade',
  '    # 127.0.0.1 means somebody else in there.',
  '    oifname @bridges ip saddr 127.0.0.0/8 masquerade',
].join('\n');

/** What passes through. */
const forward = [
  '    ct state established,related accept',
  '    # Published, by whatever way it came.',
  '    oifname @bridges ct status dnat accept',
  '    iifname . oifname @within accept',
  '    # A network for itself: no way out, and none in.',
  '    iifname @internal drop',
  '    oifname @internal drop',
  // #hole isolation: In by one of our bridges and out by another one: two networks that
  // shall not reach each other.
  '    iifname @bridges oifname @bridges drop',
  // #instead
  // #endhole
  '    # Outwards, yes; from outside only what is published.',
  '    iifname @bridges accept',
  '    oifname @bridges drop',
].join('\n');

export const tableText = `table inet slipway {
  # Our bridges, each as "in by it, out by it", and who lives on them.
  set bridges { type ifname; }
  set within { type ifname . ifname; }
  # Those of them that are for themselves.
  set internal { type ifname; }
  set pools4 { type ipv4_addr; flags interval; }
  set pools6 { type ipv6_addr; flags interval; }

  # What is published: at one address of the host, or at all of them.
  map published4 {
    type inet_proto . ipv4_addr . inet_service : ipv4_addr . inet_service
  }
  map everywhere4 { type inet_proto . inet_service : ipv4_addr . inet_service; }
  map published6 {
    type inet_proto . ipv6_addr . inet_service : ipv6_addr . inet_service
  }
  map everywhere6 { type inet_proto . inet_service : ipv6_addr . inet_service; }

  chain publish {
    dnat ip to meta l4proto . ip daddr . th dport map @published4
    dnat ip to meta l4proto . th dport map @everywhere4
    dnat ip6 to meta l4proto . ip6 daddr . th dport map @published6
    dnat ip6 to meta l4proto . th dport map @everywhere6
  }

  # Whoever publishes at 127.0.0.1 means this machine. The destination would be changed
  # before routing could refuse a loopback address that came over a cable.
  chain guard {
    type filter hook prerouting priority raw; policy accept;
    iifname != "lo" ip daddr 127.0.0.0/8 drop
    iifname != "lo" ip6 daddr ::1 drop
  }

  # "local": to an address of this machine. What is only passing through is not ours.
  chain arriving {
    type nat hook prerouting priority dstnat; policy accept;
    fib daddr type local jump publish
  }
  # To ::1 an answer must come by "lo", so nothing else can give it (loopback6.ts).
  chain local {
    type nat hook output priority -100; policy accept;
    ip6 daddr ::1 return
    fib daddr type local jump publish
  }

  chain leaving {
    type nat hook postrouting priority srcnat; policy accept;
${leaving}
  }

  chain forward {
    type filter hook forward priority filter; policy accept;
${forward}
  }
}
`;
