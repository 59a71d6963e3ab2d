#!/usr/bin/env bash
# The tests of the packed kernels as an ARM CPU runs them: cross-compiled, under an emulator of user programs.
# neon_test.sh SOURCE_DIR; exits with 77 where it cannot be done.
set -euo pipefail

skip() {
  echo "SKIPPED: $*"
  exit 77
}

for tool in aarch64-linux-gnu-g++ qemu-aarch64; do
  command -v "$tool" > /dev/null || skip "no $tool; apt-get install g++-aarch64-linux-gnu qemu-user"
done
[ -e /usr/include/catch2/catch.hpp ] || skip "Catch2 is not the version that is one header; another is not there for ARM"

source_dir=${1:?}
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
mkdir "$work/include"
ln -s /usr/include/catch2 "$work/include"
ln -s "$(realpath "$source_dir")" "$work/include/tern"

cd "$source_dir"
# The same rounding as everywhere (cmake/TernTargets.cmake).
aarch64-linux-gnu-g++ -std=c++20 -O1 -static -ffp-contract=off -Wno-psabi -I. -isystem "$work/include" \
  kernels/cpu/packed/*.cpp tests/kernels/cpu/packed/*.cpp tests/reference/ternary_convolution.cpp \
  -xc++ - -o "$work/packed_tests" <<< $'#define CATCH_CONFIG_MAIN\n#include <catch2/catch.hpp>'
TERN_CPU=neon qemu-aarch64 "$work/packed_tests" "[chosen]"
qemu-aarch64 "$work/packed_tests"
