#!/usr/bin/env bash
# The set-up steps behind the Makefile: tools/setup.sh venv | packages LOCK | hamdel | node [--omit=dev] | machine
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf '\033[1m%s\033[0m\n' "$*" >&2; }
stop() { printf '%s\n' "$*" >&2; exit 1; }
may_apt() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

apt() { # apt PACKAGE...: installed quietly, with one refresh of the lists when the first try fails
  local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@")
  "${install[@]}" || { apt-get update -q && "${install[@]}"; }
}

find_python() { # the first Python that is new enough
  for python in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && return
  done
  stop "Hamdel needs Python 3.11 or newer. Install it, or name it: make PYTHON=/path/to/python3 …"
}

find_uv() { # uv installs several times faster than pip, so it is used where it is already there
  if command -v uv >/dev/null; then uv=(uv)
  elif python3 -c 'import uv' 2>/dev/null; then uv=(python3 -m uv)
  else return 1; fi
}

install() {
  if find_uv; then "${uv[@]}" pip install --python .venv/bin/python "$@"; return; fi
  .venv/bin/python -c 'import pip' 2>/dev/null || .venv/bin/python -m ensurepip  # uv made it and is gone now
  .venv/bin/python -m pip install --disable-pip-version-check "$@"
}

venv() {
  find_python
  if find_uv; then "${uv[@]}" venv --clear --python "$(command -v "$python")" .venv; return; fi
  if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    may_apt && apt python3-venv || stop "This Python cannot make virtual environments: install the package python3-venv."
  fi
  "$python" -m venv --clear .venv
}

compile() { .venv/bin/python -m compileall -q -j 0 "$@" || true; } # bytecode: a desk that starts in a third of the time

packages() { install --require-hashes -r "requirements/$1.txt" && compile .venv/lib; }

hamdel() { install --quiet --no-deps --no-build-isolation -e . && compile helpdesk plugins training; }

node() { # node [--omit=dev]: the machine's own npm when it can read our lock file, else the one that comes as a Python package
  local npm_version
  npm_version=$(npm --version 2>/dev/null || echo 0)
  if [ "${npm_version%%.*}" -lt 7 ]; then
    packages node
    PATH=$PWD/.venv/bin:$PATH
  fi
  npm ci --ignore-scripts "$@"
}

machine() { # what tests need from the system; a test whose part is missing says so by name
  local wanted=()
  [ -x /usr/bin/chromium ] || wanted+=(chromium)
  [ -x /usr/sbin/dovecot ] || wanted+=(dovecot-imapd)
  [ -x /usr/bin/faketime ] || wanted+=(faketime)
  [ ${#wanted[@]} = 0 ] && return
  if may_apt && apt "${wanted[@]}"; then return; fi
  say "Could not be installed here: ${wanted[*]}. The tests that need it are left out and named below."
}

step=$*
trap 'say "set-up: $step, $SECONDS s"' EXIT
"$@"
