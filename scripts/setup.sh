#!/usr/bin/env bash
# Sets up everything that running and testing need, inside this folder: uv in .tools, the environment in .venv.
# The system's Python is only asked for a virtual environment; nothing is installed into it.
set -euo pipefail
cd "$(dirname "$0")/.."

find_python() {
  for name in ${PYTHON:-} python3.12 python3.11 python3; do
    if command -v "$name" >/dev/null 2>&1 &&
      "$name" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  echo "Python 3.11 or 3.12 is needed and was not found; install one, or name it: make run PYTHON=/path/to/python" >&2
  exit 1
}

python=$(find_python)
if [ ! -x .tools/bin/uv ]; then
  echo "setting up uv in .tools …"
  "$python" -m venv .tools || {
    echo "cannot make a virtual environment; on Debian and Ubuntu: apt install python3-venv" >&2
    exit 1
  }
  .tools/bin/pip install --quiet --disable-pip-version-check "uv>=0.5"
fi
.tools/bin/uv sync --frozen --quiet --python "$python" "$@"
