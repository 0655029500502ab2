#!/bin/sh
# Prints the Pythons that kit can be tested with, oldest supported first, one path a line; with
# the argument "oldest" or "newest" only that one. A name counts when it really runs: a version
# manager's shims have all the names and start only some of them.
set -u

oldest=11
newest=14
fits='import sys; sys.version_info >= (3, 11) or sys.exit(1)'
whole='import ensurepip, venv; print(sys.executable)' # Debian ships Python without these two

# The path of Python 3.$1: by its name, else among the versions that pyenv keeps.
find_minor() {
  this="$fits; sys.version_info[1] == $1 or sys.exit(1); $whole"
  "python3.$1" -c "$this" 2>/dev/null && return
  command -v pyenv >/dev/null 2>&1 || return 1
  for version in $(pyenv versions --bare 2>/dev/null | grep "^3\.$1\.[0-9]*$"); do
    PYENV_VERSION=$version "python3.$1" -c "$this" 2>/dev/null && return
  done
  return 1
}

all() {
  minor=$oldest
  while [ "$minor" -le "$newest" ]; do
    find_minor "$minor"
    minor=$((minor + 1))
  done
  :
}

# What to do when there is none.
none() {
  for name in python3.14 python3.13 python3.12 python3.11 python3; do
    if "$name" -c "$fits" 2>/dev/null; then
      package=$("$name" -c 'import sys; print("python3.%d-venv" % sys.version_info[1])')
      echo "$name cannot make virtual environments: sudo apt-get install $package" >&2
      exit 1
    fi
  done
  echo "kit needs Python 3.$oldest or newer, and there is none: sudo apt-get install python3-venv" >&2
  exit 1
}

found=$(all)
[ -n "$found" ] || found=$(python3 -c "$fits; $whole" 2>/dev/null)
[ -n "$found" ] || none
case ${1:-} in
  oldest) printf '%s\n' "$found" | head -n 1 ;;
  newest) printf '%s\n' "$found" | tail -n 1 ;;
  *) printf '%s\n' "$found" ;;
esac
