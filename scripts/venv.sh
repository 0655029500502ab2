#!/bin/sh
# Makes the virtual environment FOLDER of the oldest or the newest Python, or brings it up to date:
# kit as it stands here, what it is tested with, the embedded model's runtime, the SDK of MCP.
#   scripts/venv.sh FOLDER oldest|newest
set -eu

folder=$1
python=$(scripts/python.sh "$2")
version='import sys; print(sys.version)'
if [ "$("$folder/bin/python" -c "$version" 2>/dev/null)" != "$("$python" -c "$version")" ]; then
  echo "making $folder with $("$python" --version)" >&2
  "$python" -m venv --clear "$folder"
fi
pip() { "$folder/bin/python" -m pip -qq --disable-pip-version-check "$@"; }
pip install --upgrade pip
pip install --editable '.[dev,local,mcp]'
"$folder/bin/python" -m compileall -q kit # pip compiles all but what is installed as it stands here
touch "$folder/.stamp"
