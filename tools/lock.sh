#!/usr/bin/env bash
# Writes requirements.lock anew from pyproject.toml: newest versions within its ranges, all hashes, no index named.
# Needs `uv` on the PATH; nothing else of the project does.
set -euo pipefail
cd "$(dirname "$0")/.."
{
    echo '# Every package of a development install, pinned with hashes.  Written by `make lock`; install with'
    echo '# `pip install --require-hashes -r requirements.lock`.'
    uv pip compile pyproject.toml --extra dev --python-version 3.11 --universal --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet --upgrade
} >requirements.lock.new
mv requirements.lock.new requirements.lock
