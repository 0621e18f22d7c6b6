# Shared by the scripts: colours only for a terminal, steps with their time.
# shellcheck shell=bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
ROOT=$PWD
TARGET=${CARGO_TARGET_DIR:-$ROOT/target}
TOOLS=$ROOT/target/tools
# Where scripts/prepare puts the stand-in for Stripe that is a Python program.
# shellcheck disable=SC2034
LOCALSTRIPE=$TOOLS/localstripe
export PATH="$TOOLS/bin:$PATH"
# A build from nothing gains nothing from incremental compilation, and its caches take gigabytes.
[ -z "${CI:-}" ] || export CARGO_INCREMENTAL=0

say() { printf '%s\n' "== $*"; }

die() {
  printf '%s\n' "error: $*" >&2
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# Runs one named step and prints how long it took. A failing step ends the script, unless the
# caller keeps going with `|| …`.
step() {
  local name=$1 started=$SECONDS
  shift
  say "$name"
  if "$@"; then
    say "$name: ok ($((SECONDS - started)) s)"
  else
    local status=$?
    say "$name: FAILED after $((SECONDS - started)) s" >&2
    return "$status"
  fi
}

# Free space where the programs are built, in GiB. The nearest folder that exists tells.
free_gib() {
  local dir=$TARGET
  while [ ! -d "$dir" ]; do dir=$(dirname "$dir"); done
  df -Pk "$dir" | awk 'NR == 2 { print int($4 / 1048576) }'
}

# Where PostgreSQL's own programs are (Debian keeps them off the PATH).
pg_bin() {
  local dir
  for dir in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -Vr) /usr/pgsql-*/bin \
    /opt/homebrew/opt/postgresql*/bin; do
    [ -x "$dir/initdb" ] && { printf '%s\n' "$dir"; return 0; }
  done
  have initdb && { dirname "$(command -v initdb)"; return 0; }
  return 1
}

chromium_path() {
  local name
  for name in chromium chromium-browser google-chrome; do
    type -P "$name" && return 0
  done
  return 1
}

# Builds the program, the repository tasks and every test in one go: one set of features, so that
# no dependency is built twice.
build_all() {
  cargo build --quiet --locked --workspace --all-targets
}

# A repository task from that build.
task() {
  "$TARGET/debug/xtask" "$@"
}
