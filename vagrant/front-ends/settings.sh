# shellcheck shell=bash
# What `lab` and its front ends share; read by them, not run. It runs under bash 3.2.
#
# - say, complain, give_up      a line in English or Chinese (LAB_LANG, else LANG decides)
# - table NAME, field…          the rows of vagrant/machines/NAME.table
# - check_settings              names a LAB_ variable that is unknown or has an impossible value
# - memory_of, cpus_of, box_of  what a machine gets, after the settings

: "${labs:?}" # from `lab`

case ${LAB_LANG:-${LC_ALL:-${LANG:-}}} in
  zh*) chinese=yes ;;
  *) chinese= ;;
esac

language() { if [ -n "$chinese" ]; then echo zh; else echo en; fi; }
say() { if [ -n "$chinese" ]; then echo "lab: $2"; else echo "lab: $1"; fi; }
complain() { say "$@" >&2; }
# give_up ENGLISH CHINESE WHAT-TO-DO
give_up() {
  complain "$1" "$2"
  echo "lab: -> $3" >&2
  exit 1
}

table() { grep -v -e '^#' -e '^$' "$labs/machines/$1.table"; }
is_machine() { table machines | awk -v name="$1" '$1 == name { found = 1 } END { exit !found }'; }
field_of() { table machines | awk -v name="$1" -v field="$2" '$1 == name { print $field }'; }
memory_of() { echo "${LAB_MEMORY:-$(field_of "$1" 4)}"; }
cpus_of() { echo "${LAB_CPUS:-$(field_of "$1" 5)}"; }
box_of() {
  local own
  own=LAB_BOX_$(echo "$1" | tr 'a-z-' 'A-Z_')
  echo "${!own:-${LAB_BOX:-}}"
}

check_settings() {
  local name row pattern words
  for name in $(compgen -e LAB_ || true); do
    [ -n "${!name}" ] || continue
    row=$(table settings | awk -v name="$name" '$1 == name')
    [ -n "$row" ] || give_up "$name is no setting" "没有 $name 这个设置" \
      "$(table settings | awk '{ printf "%s ", $1 }')"
    read -r _ pattern words <<< "$row"
    [[ ${!name} =~ $pattern ]] ||
      give_up "$name=${!name} is not possible" "$name=${!name} 不行" "$words"
  done
}

qemu_name() {
  case $(uname -m) in
    arm64 | aarch64) echo qemu-system-aarch64 ;;
    *) echo qemu-system-x86_64 ;;
  esac
}
qemu_package() { case $(qemu_name) in *aarch64) echo qemu-system-arm ;; *) echo qemu-system-x86 ;; esac; }

# The settings that the provisioning reads, as words of a command.
passed_settings() {
  printf 'LAB_MIRROR=%q LAB_OFFLINE=%q LAB_LANG=%q' "${LAB_MIRROR:-}" "${LAB_OFFLINE:-}" "$(language)"
}

# went_wrong MACHINE STATUS: what failed in there was said there; that ssh lost it nobody has said.
went_wrong() {
  if [ "$2" = 255 ]; then
    lost "$1"
    complain 'the connection to the machine broke' '到机器的连接断了'
  fi
  give_up 'the machine is not ready yet' '机器还没有准备好' 'vagrant/lab up again goes on from here'
}

# provision MACHINE: what the Vagrantfile does with Vagrant's words. A front end that uses it has
# `run`, `copy_in`, `restart`, and `lost`, which may know why a connection broke.
provision() {
  local scripts=/vagrant/vagrant/provision settings
  settings=$(passed_settings)
  copy_in "$1"
  run "$1" "sudo $settings bash $scripts/kernel.sh $1" || went_wrong "$1" $?
  if run "$1" 'test -e /run/slipway-lab/reboot'; then
    say 'starting it again, for the new kernel options' '重启一次，让内核选项生效'
    restart "$1"
    run "$1" "sudo $settings bash $scripts/kernel.sh $1" || went_wrong "$1" $?
  fi
  run "$1" "sudo $settings bash $scripts/workshop.sh $1" || went_wrong "$1" $?
  run "$1" 'lab doctor'
}

# What rsync leaves out on the way into a machine.
left_out() {
  echo '--exclude=.git --exclude=.cache --exclude=.vagrant --exclude=native/target'
  [ "${LAB_OFFLINE:-}" = 1 ] || echo '--exclude=node_modules --exclude=native/dist'
}
