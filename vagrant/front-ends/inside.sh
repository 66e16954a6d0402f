# shellcheck shell=bash
# `lab` in a machine: hands over to TypeScript, as root, for a unit looks at everybody's processes.
#
# - inside VERB…      guide, hint, units, doctor, check; packed (a tar of what was fetched, for `pack`)

as_root() {
  local home name
  # In a shell of sudo's the learner is still the learner: there is one file of progress.
  home=$(getent passwd "${SUDO_USER:-$(id -un)}" | cut -d: -f6)
  # Debian's users have no chroot and no nft in their PATH.
  local path="${tree:?}/node_modules/.bin:$PATH:/usr/local/sbin:/usr/sbin:/sbin"
  local kept=(HOME="$home" PATH="$path" LANG="${LANG:-C.UTF-8}")
  : "${LAB_LANG:=$(cat /etc/slipway-lab/language 2> /dev/null || true)}"
  for name in LAB_LANG LAB_PROGRESS TERM TMUX LC_ALL; do
    [ -z "${!name:-}" ] || kept+=("$name=${!name}")
  done
  if [ "$(id -u)" = 0 ]; then env "${kept[@]}" "$@"; else sudo env "${kept[@]}" "$@"; fi
}

packed() {
  local folder
  folder=$(mktemp -d)
  mkdir "$folder/debs"
  cp /var/cache/slipway-lab/*.tgz "$folder/" 2> /dev/null || true
  cp /var/cache/apt/archives/*.deb "$folder/debs/" 2> /dev/null || true
  tar -c -C "$folder" .
  rm -r "$folder"
}

inside() {
  local verb=${1:-help}
  [ $# -eq 0 ] || shift
  cd "${tree:?}" || exit
  case $verb in
    guide | hint | units) as_root tsx vagrant/guide.ts "$verb" "$@" ;;
    doctor) as_root tsx vagrant/doctor.ts ;;
    check) as_root tsx vagrant/doctor.ts && as_root tsx workshop/tour.ts ;;
    packed) packed ;;
    up | ssh | reset | destroy | pack)
      give_up "this is the machine already; \`lab $verb\` is for outside" \
        "已经在机器里面了；lab $verb 要在外面运行" 'lab guide, lab doctor, lab check' ;;
    *)
      say 'lab guide [UNIT]   the guided units, one task at a time' 'lab guide [单元]   跟着做的实验，一次一个任务'
      say 'lab units          all units, and how far you are' 'lab units          全部单元，以及你做到了哪里'
      say 'lab hint           what it sees now, from another terminal' 'lab hint           在另一个终端里：它现在看到了什么'
      say 'lab doctor         what this machine can do' 'lab doctor         这台机器能做什么'
      say 'lab check          the doctor, and every experiment of the chapters' 'lab check          先体检，再运行各章的全部实验'
      ;;
  esac
}
