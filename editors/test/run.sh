#!/usr/bin/env bash
# Runs the editor tests: the plugin in Neovim (newest and oldest), the extension in VS Code, Helix, Emacs.
#
#   editors/test/run.sh [PYTEST-MEDIC] [SUITE]...      default: target/debug/pytest-medic, every suite
#
# Suites: nvim-new, nvim-old, vscode-inside, vscode-outside, helix, emacs. What is missing is installed into
# $EDITORS_HOME (default ~/.cache/editors) within $INSTALL_LIMIT_S (1200); keep that folder between runs. Nothing of
# Rust is built. What a debugger is needed for is skipped, with the reason, where it cannot be installed: debugpy of
# PyPI, nvim-dap of GitHub ($EDITORS_HOME/nvim-dap may be a copy from elsewhere). Screenshots go to $SCREENSHOTS (default $EDITORS_HOME/screenshots). Needs Debian and, to
# install, its archive, npm and PyPI. Prints a line a check, ends with 'N passed, N failed', exits 1 on a failure.
set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
program=$(realpath "${1:-$here/../../target/debug/pytest-medic}")
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- nvim-new nvim-old vscode-inside vscode-outside helix emacs
[ -x "$program" ] || { echo "no program at $program: cargo build" >&2; exit 2; }

export EDITORS_HOME=${EDITORS_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/editors}
export SCREENSHOTS=${SCREENSHOTS:-$EDITORS_HOME/screenshots}
export PYTHON="$EDITORS_HOME/venv/bin/python"
home=$EDITORS_HOME
limit=$((SECONDS + ${INSTALL_LIMIT_S:-1200}))
mkdir -p "$home" "$SCREENSHOTS"
output=$(mktemp)
trap 'rm -f "$output"' EXIT

install() { # what a suite needs; a second call ends at once
  case $1 in
    python)
      [ -x "$home/venv/bin/pytest" ] || { python3 -m venv "$home/venv" && "$home/venv/bin/pip" install -q pytest==9.0.2; } || return
      "$PYTHON" -c 'import debugpy' || timeout 120 "$home/venv/bin/pip" install -q debugpy==1.8.22 || true # its checks are skipped
      ;;
    nvim-new) "$here/install-nvim.sh" "$home/nvim" forky && install nvim-dap ;;
    nvim-old) "$here/install-nvim.sh" "$home/nvim-0.10" trixie && install nvim-dap ;;
    nvim-dap) # its check is skipped without it
      [ -d "$home/nvim-dap" ] ||
        GIT_TERMINAL_PROMPT=0 timeout 60 git clone -q --depth 1 https://github.com/mfussenegger/nvim-dap "$home/nvim-dap" || true
      ;;
    vscode-*) "$here/install-code-server.sh" "$home/code-server" && "$here/build-vsix.sh" ;;
    helix) [ -x "$home/helix/usr/bin/hx" ] || "$here/deb-prefix.sh" "$home/helix" forky hx ;;
    emacs) command -v emacs || apt-get install -y -qq --no-install-recommends emacs-nox elpa-eglot ;;
  esac
}

suite() { # runs one suite
  local scratch
  scratch=$(mktemp -d)
  case $1 in
    nvim-new) isolated "$home/nvim/bin/nvim" --headless -u NONE -l "$here/nvim.lua" "$program" ;;
    nvim-old) isolated "$home/nvim-0.10/bin/nvim" --headless -u NONE -l "$here/nvim.lua" "$program" ;;
    vscode-inside) "$home/code-server/node_modules/.bin/node24" "$here/vscode-inside.mjs" "$program" ;;
    vscode-outside) "$home/code-server/node_modules/.bin/node24" "$here/vscode-outside.mjs" "$program" ;;
    helix) "$here/helix.sh" "$home/helix" "$program" ;;
    emacs) isolated emacs -q --batch -l "$here/emacs.el" "$program" ;;
    *) echo "FAIL  there is no suite $1"; echo "0 passed, 1 failed" ;;
  esac
  rm -rf "$scratch"
}

isolated() { # no configuration of the person who runs this, and nothing left in their home
  XDG_CONFIG_HOME=$scratch XDG_STATE_HOME=$scratch XDG_DATA_HOME=$scratch XDG_CACHE_HOME=$scratch \
    timeout -k 5 300 "$@"
}

passed=0 failed=0
for name in "$@"; do
  echo "--- $name"
  for need in python "$name"; do
    left=$((limit - SECONDS))
    export -f install && export here home
    if ! timeout $((left > 0 ? left : 1)) bash -c "install $need" >"$output" 2>&1; then
      tail -n 20 "$output"
      echo "FAIL  cannot install what $name needs"
      failed=$((failed + 1))
      continue 2
    fi
  done
  suite "$name" 2>"$output.err" | tee "$output"
  last=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$output" | tail -n 1)
  if [ -z "$last" ]; then
    tail -n 20 "$output.err"
    echo "FAIL  $name ended before its end"
    failed=$((failed + 1))
  else
    passed=$((passed + ${last%% *}))
    failed=$((failed + $(cut -d' ' -f3 <<<"$last")))
  fi
  rm -f "$output.err"
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
