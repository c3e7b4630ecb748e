#!/usr/bin/env bash
# Makes available what the browser tests need, and prints where it is:
#   scripts/browser.sh chromium    -> the path of a Chromium or Chrome (CHROMIUM names another one)
#   scripts/browser.sh node        -> the path of widget/node_modules, filled as package-lock.json says
# As root on Debian what is missing is installed; as anyone else it must be there. If it is not to be had: nothing on
# standard output, the reason on standard error, and failure only if CI=true.
set -euo pipefail
cd "$(dirname "$0")/.."
NODE_OLDEST=18
. scripts/packages.sh

find_chromium() {
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" /Applications/Chromium.app/Contents/MacOS/Chromium; do
    if [ -n "$name" ] && type -P "$name"; then return; fi
  done
}

print_chromium() {
  path=$(find_chromium)
  if [ -z "$path" ]; then
    install_packages "no Chromium found; install it (Debian: apt install chromium) or set CHROMIUM=/path/to/it" chromium
    path=$(find_chromium)
  fi
  # Without Chinese characters the pictures show boxes and the measured widths are wrong.
  if command -v fc-list >/dev/null && [ -z "$(fc-list :lang=zh family)" ]; then
    install_packages "no font with Chinese characters found; install one (Debian: apt install fonts-noto-cjk)" fonts-noto-cjk
  fi
  echo "$path"
}

has_node() { command -v node >/dev/null && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge "$NODE_OLDEST" ]; }

print_node_modules() {
  why="Node.js $NODE_OLDEST or newer with npm is needed; install it (Debian: apt install nodejs npm)"
  has_node || install_packages "$why" nodejs
  command -v npm >/dev/null || install_packages "$why" npm
  has_node || give_up "$why; found $(node --version)"
  if ! [ widget/node_modules/.package-lock.json -nt widget/package-lock.json ]; then
    (cd widget && npm ci --no-audit --no-fund --ignore-scripts) >"$log" 2>&1 || give_up "npm ci in widget/ failed:"
  fi
  echo "$PWD/widget/node_modules"
}

case ${1:?chromium or node} in
  chromium) print_chromium ;;
  node) print_node_modules ;;
  *) echo "chromium or node, not '$1'" >&2 && exit 2 ;;
esac
