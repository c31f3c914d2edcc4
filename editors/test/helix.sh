#!/usr/bin/env bash
# Proves, in a real Helix inside tmux, that ../helix/languages.toml is enough: a failure shows, its fix is applied.
#
#   helix.sh PREFIX PYTEST-MEDIC            PREFIX: where run.sh unpacked Helix
#
# Prints one line a check, then 'N passed, N failed'; exits 1 when a check failed.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
prefix=$(cd "$1" && pwd)
program=$(realpath "$2")
folder=$(mktemp -d)
socket="$folder/tmux"
trap 'tmux -S "$socket" kill-server 2>/dev/null; rm -rf "$folder"' EXIT
passed=0 failed=0
test_file="$folder/shop/tests/test_cart.py"

"$here/scene.sh" "$folder/shop" || exit 1
mkdir -p "$folder/config/helix"
cp "$here/../helix/languages.toml" "$folder/config/helix"
printf '[editor]\nend-of-line-diagnostics = "hint"\n' >"$folder/config/helix/config.toml"

screen() { tmux -S "$socket" capture-pane -p; }
keys() { for key in "$@"; do tmux -S "$socket" send-keys "$key"; sleep 0.3; done; }
check() { # NAME COMMAND...: passes as soon as the command does, within 30 s
  local name=$1 deadline=$((SECONDS + 30))
  shift
  until "$@"; do
    if [ $SECONDS -ge $deadline ]; then
      echo "FAIL  $name"; screen; failed=$((failed + 1)); return 1
    fi
    sleep 0.1
  done
  echo "ok    $name"; passed=$((passed + 1))
}
shows() { screen | grep -qF -- "$1"; }
holds() { grep -qF -- "$1" "$test_file"; }

tmux -S "$socket" -f /dev/null new-session -d -x 130 -y 30 env \
  "PATH=$(dirname "$program"):$(dirname "$PYTHON"):$PATH" "HELIX_RUNTIME=$prefix/usr/lib/hx/runtime" \
  "XDG_CONFIG_HOME=$folder/config" "XDG_CACHE_HOME=$folder/cache" \
  "$prefix/usr/lib/hx/hx" -w "$folder/shop" "$test_file"
check "a failure shows" shows "has no attribute 'totals'" &&
  keys "]" d Space a &&
  check "the healed code is offered" shows 'Rename `totals` to `total`' &&
  keys Enter ":w" Enter &&
  check "it is applied and saved" holds "assert cart.total() == 8" &&
  check "the assertion that shows a bug of the product is as it was" holds "assert cart.discounted(percent=10) == 180" &&
  keys u ":w" Enter &&
  check "the broken line is back" holds "assert cart.totals() == 8" &&
  keys ":lsp-workspace-command pytest-medic.runAndHeal" Enter &&
  check "a real run heals it again" holds "assert cart.total() == 8" &&
  check "and leaves the bug of the product alone" holds "assert cart.discounted(percent=10) == 180"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
