# shellcheck shell=bash
# Read by the provisioning and by the front end for QEMU; it runs under bash 3.2.
#
# - download ADDRESS FILE   goes on where it was interrupted, else from the beginning

download() {
  local how=-sS
  [ ! -t 2 ] || how='-#'
  curl -fL "$how" --retry 3 -C - -o "$2" "$1" && return
  # 33: the server cannot go on in the middle. 22: it has refused; perhaps since all is there already.
  case $? in
    22 | 33) rm -f "$2" && curl -fL "$how" --retry 3 -o "$2" "$1" ;;
    *) return 1 ;;
  esac
}
