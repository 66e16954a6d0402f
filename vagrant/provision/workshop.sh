#!/usr/bin/env bash
# Puts the workshop into the machine: `workshop.sh MACHINE`, as root.
#
# In this order: Debian's packages, Node and npm, Rust, a copy of the tree in the learner's home, its
# set-up, the command `lab`. What is there already is left alone, so after an interruption the next run
# goes on. LAB_OFFLINE=1: everything comes from the tree; vagrant/offline/ holds what `lab pack` put
# there. What was fetched stays in /var/cache/slipway-lab.
[ -d /vagrant/vagrant/provision ] && here=/vagrant/vagrant/provision || here=$(dirname "$0")
# shellcheck source=vagrant/provision/surroundings.sh
source "$here/surroundings.sh"
# shellcheck source=vagrant/provision/download.sh
source "$here/download.sh"

cache=/var/cache/slipway-lab
packed=$synced/vagrant/offline
offline() { [ "$LAB_OFFLINE" = 1 ]; }
# The learner is whoever came in by ssh; Vagrant calls him vagrant, Lima as on the host.
learner=${SUDO_USER:-}
[ -n "$learner" ] && [ "$learner" != root ] ||
  learner=$(awk -F: '$3 >= 1000 && $3 < 60000 && $6 ~ /^\/home\// { print $1; exit }' /etc/passwd)
[ -n "$learner" ] || give_up 'this machine has no user beside root' 'adduser vagrant'
home=$(getent passwd "$learner" | cut -d: -f6)
tree=$home/slipway

packages=(ca-certificates curl rsync tmux gcc libc6-dev busybox-static nftables iproute2 util-linux
  procps tree unionfs-fuse attr libcap2-bin perl)

missing_packages() {
  local name
  for name in "${packages[@]}"; do
    dpkg-query -W -f='${Status}\n' "$name" 2> /dev/null | grep -q '^install ok' || echo "$name"
  done
}

use_package_mirror() {
  local debian security ubuntu
  debian=$(mirror debian) security=$(mirror security) ubuntu=$(mirror ubuntu)
  [ -n "$debian$security$ubuntu" ] || return 0
  find /etc/apt -name '*.list' -o -name '*.sources' | while read -r file; do
    sed -i -E \
      ${security:+-e "s#https?://[^ ]*/debian-security#$security#"} \
      ${debian:+-e "s#https?://[^ ]*/debian/?( |\$)#$debian\\1#"} \
      ${ubuntu:+-e "s#https?://[^ ]*/ubuntu/?( |\$)#$ubuntu\\1#"} "$file"
  done
  say "packages: from ${debian:-$ubuntu}"
}

debian_packages() {
  local missing
  use_package_mirror
  mapfile -t missing < <(missing_packages)
  [ "${#missing[@]}" -gt 0 ] || { say 'packages: all there'; return; }
  say "packages: installing ${missing[*]}"
  if offline; then
    compgen -G "$packed/debs/*.deb" > /dev/null ||
      give_up "LAB_OFFLINE=1, and vagrant/offline/debs is empty" 'run once where there is internet: vagrant/lab pack'
    quietly apt-get install -y --no-install-recommends "$packed"/debs/*.deb ||
      give_up 'the packages in vagrant/offline/debs do not suit this box' 'lab pack with the same box'
    return
  fi
  quietly apt-get update -q || give_up 'apt-get update failed' 'LAB_MIRROR=china, or another mirror'
  quietly apt-get install -y --no-install-recommends "${missing[@]}" ||
    give_up 'apt-get install failed' 'see above, then vagrant/lab up again: it goes on'
}

# has_digest FILE ALGORITHM-DIGEST: base64 as npm writes it, or hexadecimal.
has_digest() {
  local algorithm=${2%%-*} wanted=${2#*-}
  [ "$algorithm" != sha512 ] || wanted=$(base64 -d <<< "$wanted" | od -An -v -tx1 | tr -d ' \n')
  echo "$wanted  $1" | "${algorithm}sum" --check --status
}

# fetch FILE DIGEST ADDRESS: into the cache, from vagrant/offline/ or from outside. Never used unchecked.
fetch() {
  local file=$cache/$1 digest=$2 address=$3
  if [ -f "$file" ] && has_digest "$file" "$digest"; then return; fi
  if [ -f "$packed/$1" ]; then
    cp "$packed/$1" "$file"
  elif offline; then
    give_up "LAB_OFFLINE=1, and vagrant/offline/$1 is not there" 'run once where there is internet: vagrant/lab pack'
  else
    say "  fetching $address"
    download "$address" "$file" ||
      give_up "$address could not be fetched" 'look at the network, or set LAB_MIRROR; then vagrant/lab up again'
  fi
  has_digest "$file" "$digest" && return
  rm -f "$file"
  give_up "$1 has not the digest that was pinned: it is not used" 'try again, or another mirror'
}

npm_registry() { local own; own=$(mirror npm); echo "${own:-https://registry.npmjs.org}"; }

node() {
  local suffix name version digest
  case $(uname -m) in
    x86_64) suffix=x64 ;;
    aarch64) suffix=arm64 ;;
    *) give_up "there is no Node for $(uname -m)" 'take a machine of x86-64 or arm64' ;;
  esac
  name=node-linux-$suffix
  read -r version digest < <(awk -v key="\"node_modules/$name\":" '
    $1 == key { inside = 1 }
    inside && $1 == "\"version\":" { gsub(/[",]/, "", $2); version = $2 }
    inside && $1 == "\"integrity\":" { gsub(/[",]/, "", $2); print version, $2; exit }
  ' "$synced/package-lock.json")
  if [ "$(/usr/local/bin/node --version 2> /dev/null)" = "v$version" ]; then
    say "node: $version already"
    return
  fi
  say "node: installing $version"
  local unpacked=$synced/node_modules/$name/bin/node
  if offline && [ -x "$unpacked" ]; then
    install -m 755 "$unpacked" /usr/local/bin/node
  else
    fetch "$name-$version.tgz" "$digest" "$(npm_registry)/$name/-/$name-$version.tgz"
    tar -xzf "$cache/$name-$version.tgz" -C "$cache" package/bin/node
    install -m 755 "$cache/package/bin/node" /usr/local/bin/node
    rm -r "$cache/package"
  fi
}

# For everybody in the machine, root too; see the file.
node_where_emulated() {
  local file=/usr/local/lib/slipway-lab/emulated.cjs
  [ "$(systemd-detect-virt)" = qemu ] || return 0
  say 'node: for an emulated processor'
  install -D -m 644 "$synced/workshop/vm/guest/emulated.cjs" "$file"
  export NODE_OPTIONS="--require $file"
  grep -qs '^NODE_OPTIONS=' /etc/environment || echo "NODE_OPTIONS=\"$NODE_OPTIONS\"" >> /etc/environment
  # ssh reads that file, sudo does not by itself.
  [ -e /etc/sudoers.d/slipway-lab ] || (umask 337 && echo 'Defaults env_file=/etc/environment' > /etc/sudoers.d/slipway-lab)
}

pin() { awk -v name="$1" -v arch="$(uname -m)" '$1 == name && ($3 == arch || $3 == "all") { print $2, $4 }' "$here/pins.table"; }

npm() {
  local version digest modules=/usr/local/lib/node_modules
  read -r version digest < <(pin npm)
  [ "$(/usr/local/bin/npm --version 2> /dev/null)" != "$version" ] || { say "npm: $version already"; return; }
  say "npm: installing $version"
  fetch "npm-$version.tgz" "$digest" "$(npm_registry)/npm/-/npm-$version.tgz"
  rm -rf "$modules/npm" "$cache/package"
  mkdir -p "$modules"
  tar -xzf "$cache/npm-$version.tgz" -C "$cache"
  mv "$cache/package" "$modules/npm"
  ln -sf "$modules/npm/bin/npm-cli.js" /usr/local/bin/npm
  ln -sf "$modules/npm/bin/npx-cli.js" /usr/local/bin/npx
  chmod 755 "$modules"/npm/bin/np?-cli.js
}

as_learner() { runuser -u "$learner" -- env HOME="$home" PATH="$home/.cargo/bin:$PATH" "$@"; }

rust() {
  local version digest target source crates
  if as_learner sh -c 'command -v cargo' > /dev/null; then say 'rust: already there'; return; fi
  if offline; then
    say 'rust: left out, for LAB_OFFLINE=1 takes the native part as it was built'
    return
  fi
  read -r version digest < <(pin rustup)
  target=$(uname -m)-unknown-linux-gnu
  source=$(mirror rustup)
  say "rust: installing with rustup $version"
  fetch "rustup-init-$version" "$digest" "${source:-https://static.rust-lang.org}/rustup/archive/$version/$target/rustup-init"
  install -m 755 "$cache/rustup-init-$version" /usr/local/bin/rustup-init
  as_learner env ${source:+RUSTUP_DIST_SERVER="$source"} rustup-init -y --quiet --profile minimal ||
    give_up 'rustup could not install Rust' 'look at the network, or LAB_MIRROR=rustup=URL; then vagrant/lab up again'
  crates=$(mirror crates)
  [ -n "$crates" ] || return 0
  printf '[source.crates-io]\nreplace-with = "mirror"\n[source.mirror]\nregistry = "sparse+%s"\n' \
    "$crates" | as_learner tee "$home/.cargo/config.toml" > /dev/null
}

# A newer file of the learner's stays; the rest follows the tree outside.
copy_tree() {
  say "tree: $tree"
  local left_out=(--exclude .git --exclude .cache --exclude .vagrant --exclude native/target)
  offline || left_out+=(--exclude node_modules --exclude native/dist)
  rsync -a --update "${left_out[@]}" "$synced/" "$tree/"
  chown -R "$learner:" "$tree"
}

set_up() {
  local uid
  uid=$(id -u "$learner")
  [ -n "$(mirror npm)" ] && as_learner /usr/local/bin/npm config set registry "$(mirror npm)"
  say 'set-up: npm packages and the native part (a few minutes the first time)'
  (cd "$tree" && SUDO_UID=$uid PATH="$home/.cargo/bin:/usr/local/bin:$PATH" \
    /usr/local/bin/node workshop/setup.mjs < /dev/null) ||
    give_up 'the set-up of the workshop failed' 'see above, then vagrant/lab up again: it goes on'
}

command_lab() {
  ln -sfn "$tree/vagrant/lab" /usr/local/bin/lab
  echo "$tree" > /etc/slipway-lab/tree
  local words='the guided labs: lab guide      this machine: lab doctor      root: sudo -s'
  [ "${LAB_LANG:-}" != zh ] || words='跟着做：lab guide      给机器体检：lab doctor      成为 root：sudo -s'
  echo "${LAB_LANG:-en}" > /etc/slipway-lab/language
  echo "[ ! -t 1 ] || echo '$words'" > /etc/profile.d/slipway-lab.sh
}

debian_packages
node
node_where_emulated
npm
rust
copy_tree
set_up
command_lab
say 'the workshop is ready'
