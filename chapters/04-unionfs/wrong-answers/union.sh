#!/bin/bash
# Chapter 04 with tar(1) and mount(8): the same command line, another implementation.
# It passes the checkpoints; some wrong answers are this script with one line changed.
#
#     layers/CHAIN-ID/{tar,diff-id,diff}    what a layer is, and as overlayfs wants it
#     containers/NAME/{layers,init,upper}   what it stands on, the lowest first, and wrote
#     images/NAME                           the same list
set -u

die() { echo "union.sh: $*" >&2 && exit 125; }

verb=run root='' image='' name='' words=()
case ${1:-} in commit | save | rm) verb=$1 && shift ;; esac
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  case $1 in
    --root) root=$2 && shift ;;
    --image) image=$2 && shift ;;
    --name) name=$2 && shift ;;
    -*) die "unknown option $1" ;;
    *) words+=("$1") ;;
  esac
  shift
done
[ "${1:-}" = -- ] && shift
mkdir -p "$root"/{layers,containers,images}
cd "$root" || exit 125

# store TAR PARENT: unpacks it, unless it is there; prints its chain id.
store() {
  local tar=$1 parent=$2 diff_id chain new found name
  diff_id=sha256:$(sha256sum < "$tar" | cut -d' ' -f1)
  chain=$(printf '%s %s' "$parent" "$diff_id" | sha256sum | cut -d' ' -f1)
  echo "$chain"
  [ -d "layers/$chain" ] && return
  new=$(mktemp -d layers/new-XXXXXX)
  mkdir "$new/diff" && chmod 755 "$new/diff" && cp "$tar" "$new/tar"
  if ! tar -xpf "$tar" -C "$new/diff" --numeric-owner --xattrs --xattrs-include='*' >&2; then
    rm -rf "$new" && return 1
  fi
  find "$new/diff" -name '.wh.*' | while read -r found; do
    rm "$found" && name=${found##*/.wh.} found=${found%/*}
    if [ "$name" = .wh..opq ]; then
      setfattr -n trusted.overlay.opaque -v y "$found"
    else
      mknod "$found/$name" c 0 0
    fi
  done
  echo "$diff_id" > "$new/diff-id" && mv "$new" "layers/$chain"
}

# pack FOLDER: what a container wrote, as the tar of a layer.
pack() {
  cp -a "$1" "$1.packed"
  find "$1.packed" -type c | while read -r found; do
    [ "$(stat -c %t:%T "$found")" = 0:0 ] || continue
    rm "$found" && touch "${found%/*}/.wh.${found##*/}"
  done
  find "$1.packed" -type d | while read -r found; do
    getfattr -n trusted.overlay.opaque "$found" > /dev/null 2>&1 || continue
    touch "$found/.wh..wh..opq"
  done
  find "$1.packed" -mindepth 1 -printf '%P\0' | sort -z | tar -c -C "$1.packed" --null \
    --no-recursion --xattrs --xattrs-exclude='trusted.overlay.*' -T - > "$1.tar"
  rm -rf "$1.packed"
}

save() {
  local work number=0 chain ids='' paths=''
  work=$(mktemp -d)
  while read -r chain; do
    mkdir "$work/$number" && cp "layers/$chain/tar" "$work/$number/layer.tar"
    ids+=",\"$(cat "layers/$chain/diff-id")\"" paths+=",\"$number/layer.tar\""
    number=$((number + 1))
  done < "images/$1"
  echo "{\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[${ids#,}]}}" \
    > "$work/config.json"
  echo "[{\"Config\":\"config.json\",\"Layers\":[${paths#,}]}]" > "$work/manifest.json"
  tar -cf "$2" -C "$work" . && rm -rf "$work"
}

case $verb in
  rm) rm -r "containers/${words[0]}" && exit ;;
  save) save "${words[@]}" && exit ;;
  commit)
    container=containers/${words[0]}
    pack "$container/upper"
    new=$(store "$container/upper.tar" "$(tail -n 1 "$container/layers")") || exit 1
    { cat "$container/layers" && echo "$new"; } > "images/${words[1]}"
    rm "$container/upper.tar" && exit
    ;;
esac

container=containers/${name:-$$}
mkdir -p "$container"/{init/etc,upper,work,root,archive} || exit 125
trap '[ -n "$name" ] || rm -rf --one-file-system "$container"' EXIT
tar -xf "$image" -C "$container/archive" || die "$image is no archive"
parent='' lower=''
for layer in $(grep -o '"Layers":\[[^]]*' "$container/archive/manifest.json" |
  grep -o '[^"[]*/layer.tar'); do
  parent=$(store "$container/archive/$layer" "$parent") || die "$layer is refused"
  echo "$parent" >> "$container/layers"
  lower=layers/$parent/diff:$lower
done
rm -rf "$container/archive"
printf '127.0.0.1\tlocalhost\n' > "$container/init/etc/hosts"

# What the first process inside does before it becomes the application.
first='
set -eu
mount -t overlay -o "$options" overlay "$0" && cd "$0"
mount -t proc proc proc
pivot_root . .
/bin/busybox umount -l .
cd / && PATH=/bin
exec "$@"
'
export options=lowerdir=$container/init:${lower%:},upperdir=$container/upper
options+=,workdir=$container/work
flags=(--fork --kill-child --pid --mount --propagation private)
# When this script is killed, so is unshare, and with it (--kill-child) the container.
setpriv --pdeathsig KILL unshare "${flags[@]}" -- bash -c "$first" "$container/root" "$@"
exit $?
