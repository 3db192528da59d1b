#!/usr/bin/env bash
# Makes the virtual environment named by $1 and installs the lock file and this checkout into it.
# Where Debian's python3-venv is missing it is installed if we are root, otherwise the command is named.
set -euo pipefail
cd "$(dirname "$0")/.."
venv=$1
python=${PYTHON:-python3}

stop() { printf '\n*** %s\n' "$@" >&2; exit 1; }

command -v "$python" >/dev/null || stop "There is no $python.  Install Python 3.11 or later (Debian: apt install python3 python3-venv), or say make PYTHON=/path/to/python."
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    stop "$("$python" --version) is too old: Python 3.11 or later is needed.  Say make PYTHON=/path/to/python."

if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    package="python$("$python" -c 'import sys; print(f"{sys.version_info[0]}.{sys.version_info[1]}")')-venv"
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing $package, which this Python lacks ..."
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "$package" >/dev/null ||
            stop "apt-get could not install $package.  Install it by hand, then run make again."
    else
        stop "This Python cannot make virtual environments.  As root: apt install $package, then run make again."
    fi
fi

if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    rm -rf "$venv"
    "$python" -m venv "$venv"
fi
echo "Installing the locked packages into $venv ..."
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock ||
    stop "The packages could not be installed: see the lines above.  A network connection to your package index is needed once."
# The doors are built by the Makefile afterwards, where the compiler's words can be seen.
OUTCRY_COMPILED=0 "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
