# shellcheck shell=bash
# The front end for QEMU alone: a distribution's cloud image, cloud-init, ssh. Read by `lab`.
#
#     .vagrant/lab/images/FILE           what was downloaded, checked by digest
#     .vagrant/lab/MACHINE/disk.qcow2    what the machine has changed; the rest is the image's
#                          seed/         who may come in, for cloud-init: a FAT disk that QEMU makes
#                          key  port  pid  console.log  accelerator
#
# Invariant: what is half done has another name (.part), so an interrupted `up` can be repeated.

: "${tree:?}" "${labs:?}" # from `lab`

# shellcheck source=vagrant/provision/download.sh
source "$labs/provision/download.sh"

machines=$tree/.vagrant/lab

ready() {
  local tool
  for tool in "$(qemu_name)" qemu-img ssh ssh-keygen curl tar; do
    command -v "$tool" > /dev/null || give_up "$tool is missing" "缺少 $tool" \
      "$(if [ "$(uname -s)" = Darwin ]; then echo 'brew install qemu'; else
        echo "sudo apt-get install $(qemu_package) qemu-utils openssh-client curl"; fi)"
  done
}

folder_of() { echo "$machines/$1"; }
read_file() { cat "$(folder_of "$1")/$2" 2> /dev/null || true; }

state() {
  local pid
  pid=$(read_file "$1" pid)
  if [ -n "$pid" ] && ps -o args= -p "$pid" 2> /dev/null | grep -qF "$(folder_of "$1")"; then
    echo running
  elif [ -e "$(folder_of "$1")/disk.qcow2" ]; then
    echo stopped
  else
    echo absent
  fi
}

up() {
  if [ "$(state "$1")" != running ]; then
    enough_room "$1"
    make_disk "$1"
    make_seed "$1"
    start "$1"
  fi
  wait_for_ssh "$1"
  settle "$1"
  provision "$1"
}

enough_room() {
  local free wanted has
  mkdir -p "$machines/images" "$(folder_of "$1")"
  free=$(free_megabytes)
  # What its disk has taken already it need not find again.
  has=$(du -m "$(folder_of "$1")" | awk 'END { print $1 }')
  wanted=$((has < 3500 ? 4000 - has : 500))
  [ "$free" -ge "$wanted" ] || give_up "$machines has $free MB free, wanted are $wanted" \
    "$machines 只剩 $free MB，需要 $wanted MB" 'make room on the disk'
  wanted=$(memory_of "$1")
  [ -r /proc/meminfo ] || return 0
  free=$(awk '$1 == "MemAvailable:" { print int($2 / 1024) }' /proc/meminfo)
  [ "$free" -ge "$wanted" ] || give_up "$free MiB of memory are free, the machine wants $wanted" \
    "空闲内存 $free MiB，机器要 $wanted MiB" 'LAB_MEMORY=1024, or end something'
}

# The image: a file of LAB_BOX, or the base's own, fetched once. Prints the file.
image_of() {
  local box base arch address sums file
  box=$(box_of "$1")
  case $box in
    http*://*) address=$box sums= ;;
    ?*)
      [ -f "$box" ] || give_up "LAB_BOX: there is no file $box" "LAB_BOX：没有 $box 这个文件" \
        'without Vagrant it is the path or the address of a disk image'
      cd "$(dirname "$box")" && echo "$PWD/$(basename "$box")"
      return
      ;;
    *)
      base=$(field_of "$1" 2)
      arch=$(uname -m | sed 's/^arm64$/aarch64/')
      read -r address sums <<< "$(table images | awk -v base="$base" -v arch="$arch" '$1 == base && $2 == arch { print $3, $4 }')"
      [ -n "$address" ] || give_up "there is no image of $base for $arch" "没有 $arch 的 $base 镜像" 'LAB_BOX=FILE'
      ;;
  esac
  file=$machines/images/$(basename "$address")
  [ -f "$file" ] || fetch_image "$address" "$sums" "$file"
  echo "$file"
}

fetch_image() {
  [ "${LAB_OFFLINE:-}" != 1 ] || give_up "LAB_OFFLINE=1, and there is no image $3" \
    "LAB_OFFLINE=1，可是没有镜像 $3" 'LAB_BOX=FILE, or the image there'
  complain "fetching $1" "下载 $1"
  download "$1" "$3.part" || give_up "$1 could not be fetched" "下载不到 $1" \
    'vagrant/lab up again goes on; another image: LAB_BOX=FILE-OR-ADDRESS'
  if [ -n "$2" ]; then
    local bits wanted found
    bits=$(echo "$2" | tr -dc 0-9)
    wanted=$(curl -fsSL "$(dirname "$1")/$2" | awk -v name="$(basename "$1")" '$2 == name || $2 == "*" name { print $1 }') ||
      give_up "the digests $(dirname "$1")/$2 could not be fetched" "下载不到摘要 $(dirname "$1")/$2" 'vagrant/lab up again goes on'
    found=$(shasum -a "$bits" "$3.part" 2> /dev/null || "sha${bits}sum" "$3.part")
    if [ "${found%% *}" != "$wanted" ]; then
      rm -f "$3.part"
      give_up 'the image has another digest than its publisher says' '镜像的摘要和发布者给的不一样' 'vagrant/lab up again'
    fi
  fi
  mv "$3.part" "$3"
}

make_disk() {
  local folder image format
  folder=$(folder_of "$1")
  [ ! -e "$folder/disk.qcow2" ] || return 0
  image=$(image_of "$1") || exit 1
  if tar -tf "$image" box.img > /dev/null 2>&1; then
    give_up "$image is a box for Vagrant; without Vagrant it is the disk image in it that is wanted" \
      "$image 是 Vagrant 的 box；没有 Vagrant 时要用里面的磁盘镜像" "tar -xf $image box.img, then LAB_BOX=\$PWD/box.img"
  fi
  format=$(qemu-img info "$image" | awk '$1 == "file" && $2 == "format:" { print $3 }')
  # To QEMU every file is a raw disk; one to start from has a boot record.
  if [ "$format" = raw ] && [ "$(od -An -tx1 -j510 -N2 "$image" | tr -d ' ')" != 55aa ]; then
    give_up "$image is no disk image" "$image 不是磁盘镜像" 'LAB_BOX=FILE'
  fi
  qemu-img create -q -f qcow2 -b "$image" -F "$format" "$folder/disk.qcow2.part" "$(field_of "$1" 6)G" ||
    give_up "$image is no disk image" "$image 不是磁盘镜像" 'LAB_BOX=FILE'
  mv "$folder/disk.qcow2.part" "$folder/disk.qcow2"
}

make_seed() {
  local folder
  folder=$(folder_of "$1")
  mkdir -p "$folder/seed"
  [ -f "$folder/key" ] || ssh-keygen -q -t ed25519 -N '' -C slipway-lab -f "$folder/key"
  printf 'instance-id: slipway-%s\nlocal-hostname: %s\n' "$1" "$1" > "$folder/seed/meta-data"
  cat > "$folder/seed/user-data" << SEED
#cloud-config
users:
  - name: vagrant
    shell: /bin/bash
    sudo: ALL=(ALL) NOPASSWD:ALL
    ssh_authorized_keys:
      - $(cat "$folder/key.pub")
ssh_pwauth: false
locale: C.UTF-8
SEED
}

port_is_free() { ! (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; }

choose_port() {
  local port=${LAB_PORT:-2222}
  if [ -n "${LAB_PORT:-}" ]; then
    port_is_free "$port" || give_up "port $port is in use" "端口 $port 被占用" 'LAB_PORT=another, or leave it out'
  fi
  until port_is_free "$port"; do port=$((port + 1)); done
  echo "$port" > "$(folder_of "$1")/port"
}

start() {
  choose_port "$1"
  local best=tcg
  if [ "$(read_file "$1" accelerator)" = tcg ]; then
    best=tcg
  elif [ -r /dev/kvm ] && [ -w /dev/kvm ]; then
    best=kvm
  elif [ "$(uname -s)" = Darwin ]; then
    best=hvf
  fi
  if [ "$best" != tcg ]; then
    # That it opens proves nothing: what counts is whether something runs.
    if boot "$1" "$best" && speaks "$1" 30; then return; fi
    stop "$1"
  fi
  say 'no virtualisation here: the processor is emulated, everything takes about ten times as long' \
    '这里没有硬件虚拟化：处理器靠模拟，一切大约慢十倍'
  echo tcg > "$(folder_of "$1")/accelerator"
  boot "$1" tcg || give_up 'QEMU did not start' 'QEMU 没能启动' 'see above'
}

# speaks MACHINE SECONDS: whether anything came out of its console.
speaks() {
  local left=$2
  while [ "$left" -gt 0 ]; do
    [ ! -s "$(folder_of "$1")/console.log" ] || return 0
    [ "$(state "$1")" = running ] || return 1
    sleep 1
    left=$((left - 1))
  done
  return 1
}

boot() {
  local folder cpu=host escaped
  folder=$(folder_of "$1")
  escaped=${folder//,/,,}
  [ "$2" != tcg ] || cpu=max
  local options=(-accel "$2" -cpu "$cpu" -smp "$(cpus_of "$1")" -m "$(memory_of "$1")")
  case $(qemu_name) in
    *aarch64) options+=(-M virt -bios "$(firmware)") ;;
    *) options+=(-M q35) ;;
  esac
  : > "$folder/console.log"
  "$(qemu_name)" "${options[@]}" -name "slipway-$1" -display none -monitor none \
    -drive "file=$escaped/disk.qcow2,if=none,id=disk,format=qcow2" \
    -device virtio-blk-pci,drive=disk,bootindex=1 \
    -blockdev "driver=vvfat,node-name=seed,dir=$escaped/seed,label=CIDATA,read-only=on" \
    -device virtio-blk-pci,drive=seed \
    -netdev "user,id=net,hostfwd=tcp:127.0.0.1:$(read_file "$1" port)-:22" -device virtio-net-pci,netdev=net,romfile= \
    -device virtio-rng-pci -serial "file:$folder/console.log" -pidfile "$folder/pid" -daemonize
}

firmware() {
  local file
  for file in /usr/share/AAVMF/AAVMF_CODE.fd /usr/share/qemu-efi-aarch64/QEMU_EFI.fd \
    /opt/homebrew/share/qemu/edk2-aarch64-code.fd /usr/local/share/qemu/edk2-aarch64-code.fd; do
    [ ! -e "$file" ] || { echo "$file"; return; }
  done
  give_up 'there is no firmware for arm64' '没有 arm64 的固件' 'sudo apt-get install qemu-efi-aarch64'
}

free_megabytes() { df -Pk "$machines" | awk 'NR == 2 { print int($4 / 1024) }'; }

# A machine whose disk cannot grow stands still, until it is started again.
lost() {
  [ "$(free_megabytes)" -lt 16 ] || return 0
  stop "$1"
  give_up "the disk is full ($machines), so $1 stood still and was stopped" \
    "磁盘满了（$machines），$1 停住了，已经关掉" "make room on the disk, then vagrant/lab up $1"
}

# Why its kernel gave up, if it did. An emulated one does when a busy host leaves its timer no time.
panic_of() { sed -n 's/.*Kernel panic - not syncing: \([^!]*\).*/\1/p' "$(folder_of "$1")/console.log" | tail -n 1; }

# once_more MACHINE TIMES: after a panic; a kernel that gives up again and again is not helped.
once_more() {
  stop "$1"
  [ "$2" -le 3 ] || give_up "its kernel gave up $2 times: $(panic_of "$1")" \
    "它的内核 $2 次都启动失败：$(panic_of "$1")" "when this computer has less to do: vagrant/lab up $1"
  say "its kernel gave up ($(panic_of "$1")); starting it again" "它的内核启动失败（$(panic_of "$1")）；再启动一次"
  start "$1"
}

wait_for_ssh() {
  local started=$SECONDS told=0 panics=0
  say "starting $1" "正在启动 $1"
  until patience=20 run "$1" true < /dev/null > /dev/null 2>&1; do
    if [ "$(state "$1")" != running ]; then
      tail -n 20 "$(folder_of "$1")/console.log" >&2
      give_up 'the machine has ended' '机器自己停了' "its last words stand above; vagrant/lab reset $1 makes it anew"
    fi
    [ $((SECONDS - started)) -lt 1200 ] || give_up 'nobody answers at its ssh' 'ssh 一直没有回应' \
      "look at $(folder_of "$1")/console.log; vagrant/lab reset $1 makes it anew"
    if [ $(((SECONDS - started) / 30)) -gt $told ]; then
      told=$(((SECONDS - started) / 30))
      say "  still starting, after $((told * 30)) s" "  还在启动，已经 $((told * 30)) 秒"
    fi
    lost "$1"
    if [ -n "$(panic_of "$1")" ]; then
      panics=$((panics + 1))
      once_more "$1" "$panics"
    fi
    sleep 2
  done
}

# What cloud-init still does (keys, users, packages) would break the next connection.
# It is asked again when it breaks this very connection.
settle() {
  local tries=0
  until run "$1" 'command -v cloud-init && cloud-init status --wait; true' < /dev/null > /dev/null 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 20 ] || return 0
    sleep 3
  done
}

ssh_words() {
  printf '%s\n' ssh -q -i "$(folder_of "$1")/key" -p "$(read_file "$1" port)" -o IdentitiesOnly=yes \
    -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR \
    -o ServerAliveInterval=60 -o ServerAliveCountMax=5 -o "ConnectTimeout=${patience:-120}"
}

run() {
  local machine=$1 word words=()
  shift
  while IFS= read -r word; do words+=("$word"); done <<< "$(ssh_words "$machine")"
  if [ -t 0 ] && [ -t 1 ]; then words+=(-t); fi
  "${words[@]}" vagrant@127.0.0.1 "$@"
}

# By rsync only what has changed is copied; the distribution's image may not have it yet.
copy_in() {
  say 'copying this tree into the machine' '把这个源码树复制进机器'
  if command -v rsync > /dev/null && run "$1" 'command -v rsync' < /dev/null > /dev/null; then
    local words
    words=$(ssh_words "$1" | while IFS= read -r word; do printf "'%s' " "$word"; done)
    # shellcheck disable=SC2046 # words without spaces
    rsync -a --delete $(left_out) -e "$words" --rsync-path='sudo rsync' "$tree/" vagrant@127.0.0.1:/vagrant/ ||
      went_wrong "$1" $?
  else
    # shellcheck disable=SC2046 # words without spaces
    tar -c -C "$tree" $(left_out) . | run "$1" 'sudo rm -rf /vagrant && sudo mkdir /vagrant && sudo tar -x -C /vagrant' ||
      went_wrong "$1" $?
  fi
}

restart() {
  run "$1" 'sudo reboot' < /dev/null || true
  local before=$SECONDS
  # It answers until it goes down; then it is awaited anew.
  while patience=20 run "$1" true < /dev/null > /dev/null 2>&1 && [ $((SECONDS - before)) -lt 60 ]; do sleep 1; done
  wait_for_ssh "$1"
}

stop() {
  local pid
  [ "$(state "$1")" = running ] || return 0
  pid=$(read_file "$1" pid)
  kill "$pid" 2> /dev/null || true
  while [ "$(state "$1")" = running ]; do sleep 0.2; done
}

destroy() {
  [ -e "$(folder_of "$1")" ] || { say "there is no $1 here" "这里没有 $1"; return; }
  stop "$1"
  rm -rf "$(folder_of "$1")"
  say "$1 is gone" "$1 已删除"
}
