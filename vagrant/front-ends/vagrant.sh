# shellcheck shell=bash
# The front end for Vagrant: its own commands, and a sentence where it gives up. Read by `lab`.

: "${tree:?}" # from `lab`

# A file of the learner's is named from where he stands, and Vagrant reads it from the tree.
for name in $(compgen -e LAB_BOX || true); do
  [ ! -f "${!name}" ] || export "$name=$(cd "$(dirname "${!name}")" && pwd)/$(basename "${!name}")"
done

cd "$tree" || exit
export VAGRANT_CHECKPOINT_DISABLE=1

ready() {
  command -v vagrant > /dev/null || give_up 'Vagrant is not installed' '没有装 Vagrant' \
    'LAB_PROVIDER=plain-qemu, or https://developer.hashicorp.com/vagrant/install'
}

state() { vagrant status --machine-readable "$1" 2> /dev/null | awk -F, '$3 == "state" { print $4 }'; }

is_set_up() { vagrant ssh "$1" -c 'command -v lab' < /dev/null > /dev/null 2>&1; }

# told LOG WORDS…: Vagrant, and what it says also in the file.
told() {
  local log=$1
  shift
  vagrant "$@" 2>&1 | tee "$log"
}

up() {
  local log before status=0
  log=$(mktemp)
  before=$(state "$1" || true)
  if [ "$before" = running ] && ! is_set_up "$1"; then
    go_on "$log" "$1" || status=1
  else
    say "vagrant up $1: the first time a few minutes, and a download" \
      "vagrant up $1：第一次要几分钟，还要下载"
    start "$log" "$1" "$before" || status=1
  fi
  [ "$status" = 0 ] || explain "$log" "up $1"
  rm -f "$log"
  return "$status"
}

# start LOG MACHINE STATE-BEFORE: what an interrupted start has left is no reason to give up.
start() {
  local log=$1 machine=$2 status=0
  told "$log" up "$machine" || status=1
  if grep -q 'Volume for domain is already created' "$log"; then
    say 'a disk is there from a start that was interrupted: it goes, and a new one comes' \
      '上次启动被打断，留下了一个磁盘：先删掉它，再做一个新的'
    vagrant destroy --force "$machine"
    status=0
    told "$log" up "$machine" || status=1
  fi
  # One that was there and stood: Vagrant provisions once, also what was cut short.
  case $3 in
    '' | running | not_created) return "$status" ;;
  esac
  if [ "$(state "$machine")" = running ] && ! is_set_up "$machine"; then
    status=0
    told "$log" provision "$machine" || status=1
  fi
  return "$status"
}

# Vagrant copies the tree only when it starts a machine, and what was interrupted may still be at
# work in there: a new start ends it.
go_on() {
  say "the set-up of $2 was interrupted: it goes on, after a new start" \
    "$2 的安装被打断过：重新启动以后接着做"
  told "$1" reload --provision "$2"
}

# Vagrant says what happened; what to do it often leaves to the reader.
explain() {
  local words
  words=$(cat "$1")
  case $words in
    *'No usable default provider'*)
      complain 'Vagrant has nothing to start a machine with. Install VirtualBox, or: LAB_PROVIDER=plain-qemu vagrant/lab up' \
        'Vagrant 没有可用的虚拟机程序。装 VirtualBox，或者：LAB_PROVIDER=plain-qemu vagrant/lab up' ;;
    *'connecting to Libvirt'*)
      complain 'libvirt does not answer: sudo systemctl start libvirtd, and sudo adduser YOU libvirt; or: LAB_PROVIDER=plain-qemu vagrant/lab up' \
        'libvirt 没有回应：sudo systemctl start libvirtd，并且 sudo adduser 你 libvirt；或者：LAB_PROVIDER=plain-qemu vagrant/lab up' ;;
    *"isn't usable on this system"* | *'The provider '*'could not be found'*)
      complain "install it, or take another: LAB_PROVIDER=plain-qemu vagrant/lab $2" \
        "装上它，或者换一个：LAB_PROVIDER=plain-qemu vagrant/lab $2" ;;
    *'No space left'* | *'Failure writing output to destination'*)
      complain "the disk is full: a machine needs about 4 GB. Make room, then vagrant/lab $2 again" \
        "磁盘满了：一台机器大约要 4 GB。腾出空间，再运行 vagrant/lab $2" ;;
    *"box"*'could not be found'* | *'error occurred while downloading'* | *"couldn't be found"*)
      complain "the box is not to be had. Another one: LAB_BOX=NAME-OR-FILE vagrant/lab $2. Behind a slow network: vagrant/lab up again goes on" \
        "下载不到 box。换一个：LAB_BOX=名字或文件 vagrant/lab $2。网络慢的话：再运行一次 vagrant/lab up 会接着下载" ;;
    *rsync*'could not be found'*)
      complain "there is no rsync here. Without it: LAB_SYNC=shared vagrant/lab $2" \
        "这里没有 rsync。不用它：LAB_SYNC=shared vagrant/lab $2" ;;
    *VT-x* | *AMD-V* | *VERR_VMX* | *VERR_SVM*)
      complain 'the processor does not let VirtualBox run: switch on virtualisation in the firmware, or: LAB_PROVIDER=plain-qemu' \
        '处理器不让 VirtualBox 运行：在固件设置里打开虚拟化，或者：LAB_PROVIDER=plain-qemu' ;;
    *'forwarded port'*'in use'* | *'Address already in use'* | *'port collision'*)
      complain 'a port is in use: end the other machine (vagrant global-status), then vagrant/lab up again' \
        '端口被占用：先停掉另一台机器（vagrant global-status），再运行 vagrant/lab up' ;;
    *'annot allocate memory'* | *'NS_ERROR_OUT_OF_MEMORY'*)
      complain "there is too little memory: LAB_MEMORY=1024 vagrant/lab $2" "内存不够：LAB_MEMORY=1024 vagrant/lab $2" ;;
    *)
      complain "it did not end well; what Vagrant says stands above. Then again: vagrant/lab $2" \
        "没有成功，原因见上面 Vagrant 的话。之后再运行：vagrant/lab $2" ;;
  esac
}

run() {
  local machine=$1
  shift
  if [ $# -eq 0 ]; then
    vagrant ssh "$machine"
  elif [ -t 0 ] && [ -t 1 ]; then
    vagrant ssh "$machine" -c "$*" -- -t
  else
    vagrant ssh "$machine" -c "$*"
  fi
}

destroy() {
  local log status=0
  log=$(mktemp)
  vagrant destroy --force "$1" 2>&1 | tee "$log" || status=1
  [ "$status" = 0 ] || explain "$log" "destroy $1"
  rm -f "$log"
  return "$status"
}
