#!/usr/bin/env bash
# Makes a broken project in FOLDER, with the log of a real pytest run in it.
#
#   scene.sh FOLDER                PYTHON names an interpreter that has pytest (default: python3)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
cp -R "$here/project/." "$1"
cd "$1"
status=0
"${PYTHON:-python3}" -m pytest -p no:cacheprovider >test_run.log 2>&1 || status=$?
[ "$status" -eq 1 ] || { cat test_run.log >&2; exit 1; } # 1: it ran, and tests failed
