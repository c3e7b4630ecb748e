# Sourced by the scripts that make available what tests need: installing Debian's packages, and giving up politely.
# As root on Debian what is missing is installed; as anyone else it must be there. If it is not to be had: nothing on
# standard output, the reason on standard error, and failure only if CI=true.
log=$(mktemp)
trap 'rm -f "$log"' EXIT

give_up() {
  echo "$1" >&2
  if [ -s "$log" ]; then tail -n 5 "$log" >&2; fi
  [ "${CI:-}" = true ] && exit 1
  exit 0
}

install_packages() { # the reason in case it cannot be done, then Debian's packages
  why=$1
  shift
  { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; } || give_up "$why"
  echo "installing Debian's $* …" >&2
  { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@"; } \
    >"$log" 2>&1 || give_up "$why; installing $* failed:"
}

