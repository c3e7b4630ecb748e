#!/usr/bin/env bash
# Starts a private PostgreSQL for tests and prints its URL, or stops it again:
#   scripts/postgres.sh start FOLDER    -> FOLDER/url holds the URL; empty, with FOLDER/why, if there is none to be had
#   scripts/postgres.sh stop FOLDER
# TEST_DATABASE_URL, if set, is used instead and left alone. As root on Debian a missing PostgreSQL is installed; as
# anyone else it must be there. It listens on a socket in a folder of its own and on no port.
set -euo pipefail
action=${1:?start or stop} folder=${2:?a folder}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
user=
if [ "$(id -u)" = 0 ]; then user=postgres; fi # PostgreSQL refuses to run as root

as_owner() { if [ -n "$user" ]; then (cd / && runuser -u "$user" -- "$@"); else "$@"; fi; }

find_programs() {
  for path in "$(command -v pg_ctl || true)" /usr/lib/postgresql/*/bin/pg_ctl /opt/homebrew/opt/postgresql*/bin/pg_ctl; do
    if [ -x "$path" ]; then dirname "$(readlink -f "$path")"; fi
  done | tail -n 1
}

give_up() {
  echo "$1" >"$folder/why"
  : >"$folder/url"
  echo "PostgreSQL: $1" >&2
  [ "${CI:-}" = true ] && exit 1
  exit 0
}

install_missing() {
  [ -z "$user" ] && give_up "not installed; install it (Debian: apt install postgresql) or set TEST_DATABASE_URL"
  command -v apt-get >/dev/null || give_up "not installed; install it or set TEST_DATABASE_URL"
  echo "installing Debian's postgresql …" >&2
  { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends postgresql; } \
    >"$folder/install.log" 2>&1 || give_up "could not be installed; see $folder/install.log, or set TEST_DATABASE_URL"
}

start() {
  rm -f "$folder/why" "$folder/home"
  if [ -n "${TEST_DATABASE_URL:-}" ]; then
    echo "$TEST_DATABASE_URL" >"$folder/url"
    return
  fi
  programs=$(find_programs)
  if [ -z "$programs" ]; then
    install_missing
    programs=$(find_programs)
  fi
  # A socket's path may have 100 characters, and the owner must be able to walk to it: so not under the project.
  home=$(mktemp -d /tmp/bot-postgres.XXXXXX)
  if [ -n "$user" ]; then chown "$user" "$home"; fi
  echo "$programs $home" >"$folder/home"
  as_owner "$programs/initdb" -D "$home/data" -U bot -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$folder/initdb.log" 2>&1 ||
    { stop; give_up "initdb failed; see $folder/initdb.log"; }
  # Nothing in it is worth surviving a power cut.
  as_owner "$programs/pg_ctl" -D "$home/data" -w -t 60 -l "$home/server.log" \
    -o "-c listen_addresses='' -c unix_socket_directories='$home' -c fsync=off -c full_page_writes=off" start >"$folder/start.log" 2>&1 ||
    { cp "$home/server.log" "$folder/" 2>/dev/null || true; stop; give_up "did not start; see $folder/start.log"; }
  echo "postgresql+psycopg2://bot@/postgres?host=$home" >"$folder/url"
  watch >/dev/null 2>&1 </dev/null &
}

stop() {
  [ -f "$folder/home" ] || return 0
  read -r programs home <"$folder/home"
  end_cluster
  rm -f "$folder/home" "$folder/url"
}

end_cluster() {
  [ -d "$home" ] || return 0
  if [ -f "$home/data/postmaster.pid" ]; then
    as_owner "$programs/pg_ctl" -D "$home/data" -w -m immediate stop >/dev/null 2>&1 || true
  fi
  case $home in /tmp/bot-postgres.*) rm -rf "$home" ;; esac
}

# Whoever started it may be killed before it can stop it.
watch() {
  trap '' INT HUP
  while kill -0 "$PPID" 2>/dev/null && [ -f "$folder/home" ]; do sleep 1; done
  end_cluster
}

"$action"
