#!/usr/bin/env bash
# Checks cmake/WriteCommit.cmake: which commit a build is said to be of, and that an unchanged one rebuilds nothing.
set -euo pipefail
script=$(realpath "$(dirname "$0")/../../cmake/WriteCommit.cmake")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME=$work GIT_CONFIG_NOSYSTEM=1

in_checkout() { git -C "$work/checkout" -c user.name=Test -c user.email=test@localhost "$@"; }
expect() {  # WHAT FOLDER COMMIT
  cmake -DSOURCE="$work/$2" -DOUTPUT="$work/commit.cpp" -P "$script"
  if ! grep -q "return \"$3\";" "$work/commit.cpp"; then
    echo "commit_test.sh: $1, expected $3; got:" >&2
    cat "$work/commit.cpp" >&2
    exit 1
  fi
}

mkdir -p "$work/checkout/archive"
touch "$work/checkout/archive/file"
expect "outside of a checkout" checkout unknown
in_checkout init -q
in_checkout add .
in_checkout commit -q -m "First"
hash=$(in_checkout rev-parse --short HEAD)
expect "in a checkout" checkout "$hash"
expect "an archive unpacked in somebody else's checkout" checkout/archive unknown
echo more >"$work/checkout/archive/file"
expect "with changes that are not committed" checkout "$hash-dirty"

touch -d 2000-01-01 "$work/commit.cpp"
expect "the same again" checkout "$hash-dirty"
if [ "$(date -r "$work/commit.cpp" +%Y)" != 2000 ]; then
  echo "commit_test.sh: a file that says the right thing was written again" >&2
  exit 1
fi
