#!/usr/bin/env bash
# Checks scripts/install_deps.sh with stand-ins for the package tools: what each group asks for, and that what is there is not
# asked for again.
set -euo pipefail
install=$(realpath "$(dirname "$0")/../../scripts/install_deps.sh")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  echo "install_deps_test.sh: $*" >&2
  exit 1
}
stand_in() {  # NAME SCRIPT
  printf '#!/bin/sh\n%s\n' "$2" >"$work/$1"
  chmod +x "$work/$1"
}
asked_for() { grep -qw -e "$1" "$work/asked"; }
run_install() {
  : >"$work/asked"
  PATH=$work:$PATH "$install" "$@" >"$work/output" 2>&1
}

stand_in sudo 'exec "$@"'
stand_in apt-get "[ \"\$1\" = update ] || echo \"\$@\" >>$work/asked"
stand_in dpkg-query "cat $work/installed"
: >"$work/installed"

run_install
for package in g++ cmake libdnnl-dev libjpeg-dev libcli11-dev; do
  asked_for $package || fail "make demo lacks $package"
done
for package in clang qemu-user catch2 openmpi-bin libboost-context-dev python3-dev g++-aarch64-linux-gnu emscripten; do
  ! asked_for $package || fail "make demo installs $package, which it does not need"
done
run_install test
for package in cmake clang qemu-user catch2 openmpi-bin libboost-context-dev python3-dev mandoc; do
  asked_for $package || fail "the group test lacks $package"
done
run_install web
for package in cmake emscripten chromium-headless-shell; do
  asked_for $package || fail "the group web lacks $package"
done
! asked_for clang-format || fail "the group web asks for what tests need"
run_install python mpi
asked_for python3-dev && asked_for libopenmpi-dev || fail "two groups are not both asked for"

# By its name, by what provides it, and not what was removed.
printf '%s\n' 'installed cmake ' 'installed libjpeg62-turbo-dev libjpeg-dev (= 1.2), other' 'config-files libfmt-dev ' >"$work/installed"
run_install
! asked_for cmake || fail "cmake is there and asked for"
! asked_for libjpeg-dev || fail "libjpeg-dev is provided and asked for"
asked_for libfmt-dev || fail "libfmt-dev was removed and is not asked for"

status=0
run_install tests || status=$?
[ $status = 2 ] && grep -q 'no group "tests"' "$work/output" || fail "an unknown group is not refused"
