#!/bin/sh
# Builds the wheel of this checkout into the folder $1, with the locked build tools.
set -eu
out=$1
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
python3 -m venv "$tools"
"$tools/bin/python" -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/build.txt
"$tools/bin/python" -m pip wheel -qq --disable-pip-version-check --no-deps --no-build-isolation --wheel-dir "$out" .
