#!/bin/sh
# Installs the wheel in the folder $2 and its locked dependencies into a fresh environment at $1.
set -eu
home=$1
wheels=$2
python3 -m venv "$home"
"$home/bin/python" -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/run.txt
"$home/bin/python" -m pip install -qq --disable-pip-version-check --no-deps "$wheels"/duban-*.whl
