# shellcheck shell=bash
# The front end for Lima (macOS, also Linux): an instance slipway-MACHINE from lima.yaml. Read by `lab`.

: "${tree:?}" "${labs:?}" # from `lab`

instance() { echo "slipway-$1"; }

ready() {
  command -v limactl > /dev/null || give_up 'Lima is not installed' '没有装 Lima' 'brew install lima'
  command -v rsync > /dev/null || give_up 'rsync is not installed' '没有装 rsync' 'brew install rsync'
}

state() {
  case $(limactl list --format '{{.Status}}' "$(instance "$1")" 2> /dev/null) in
    Running) echo running ;;
    ?*) echo stopped ;;
    *) echo absent ;;
  esac
}

up() {
  case $(state "$1") in
    running) ;;
    stopped) limactl start --tty=false "$(instance "$1")" ;;
    *)
      limactl start --tty=false --name "$(instance "$1")" --cpus "$(cpus_of "$1")" \
        --memory "$(awk -v mib="$(memory_of "$1")" 'BEGIN { print mib / 1024 }')" \
        --set "$(lima_images "$1")" "$labs/front-ends/lima.yaml" ||
        give_up 'Lima could not start it' 'Lima 没能启动它' "limactl delete $(instance "$1"), then vagrant/lab up $1"
      ;;
  esac
  provision "$1"
}

lima_images() {
  local base box list
  base=$(field_of "$1" 2)
  box=$(box_of "$1")
  list=$(table images | awk -v base="$base" -v box="$box" '
    $1 == base { printf "%s{\"location\": \"%s\", \"arch\": \"%s\"}", comma, (box == "" ? $3 : box), $2; comma = ", " }')
  echo ".images = [$list]"
}

run() {
  local machine=$1
  shift
  if [ $# -eq 0 ]; then limactl shell --workdir / "$(instance "$machine")"; return; fi
  limactl shell --workdir / "$(instance "$machine")" bash -lc "$*"
}

copy_in() {
  local config
  config=$(limactl list --format '{{.SSHConfigFile}}' "$(instance "$1")")
  # The distribution's image may have no rsync yet.
  run "$1" 'command -v rsync > /dev/null || { sudo apt-get update -q && sudo apt-get install -y rsync; } > /dev/null'
  run "$1" "sudo install -d -o \$(id -u) /vagrant"
  # shellcheck disable=SC2046 # words without spaces
  rsync -a --delete -e "ssh -F $config" $(left_out) "$tree/" "lima-$(instance "$1"):/vagrant/" ||
    went_wrong "$1" $?
}

lost() { :; }
restart() { limactl stop "$(instance "$1")" && limactl start --tty=false "$(instance "$1")"; }
destroy() { limactl delete --force "$(instance "$1")"; }
