#!/usr/bin/env bash
# Makes a LibreOffice with its Python bridge available, and prints the Python that has the bridge (scripts/packages.sh).
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh

has_office() { command -v soffice >/dev/null && /usr/bin/python3 -c 'import uno' 2>/dev/null; }

why="LibreOffice and its Python bridge are needed (Debian: apt install libreoffice-calc-nogui python3-uno)"
has_office || install_packages "$why" libreoffice-calc-nogui python3-uno
has_office || give_up "$why"
echo /usr/bin/python3
