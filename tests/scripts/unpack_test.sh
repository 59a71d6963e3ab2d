#!/usr/bin/env bash
# Checks which packages scripts/install_deps.sh --unpack takes, with stand-ins for apt and dpkg: of alternatives the first
# that is a package, and nothing twice, nor what comes with the compiler.
set -euo pipefail
script=$(realpath "$(dirname "$0")/../../scripts/install_deps.sh")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

stand_in() {  # NAME SCRIPT
  mkdir -p "$work/bin"
  printf '#!/bin/sh\n%s\n' "$2" >"$work/bin/$1"
  chmod +x "$work/bin/$1"
}
stand_in apt-cache 'case $2 in
libdnnl-dev) printf "libdnnl-dev\n  Depends: libdnnl2\n" ;;
libdnnl2) printf "libdnnl2\n  Depends: libc6\n |Depends: ocl-icd-libopencl1\n  Depends: <libopencl1>\n    other-libopencl1\n  Depends: libstdc++6\n" ;;
libzip-dev) printf "libzip-dev\n |Depends: <virtual>\n |Depends: first\n  Depends: second\n  Depends: libdnnl2\n  Suggests: unwanted\n" ;;
esac'
stand_in apt-get 'shift 2; printf "%s\n" "$@" >"'"$work"'/packages"; touch one.deb'
stand_in dpkg 'mkdir -p "$3/usr"'
PATH=$work/bin:$PATH "$script" --unpack "$work/unpacked"

expect() {  # PACKAGE HOW OFTEN
  count=$(grep -cx "$1" "$work/packages" || true)
  if [ "$count" != "$2" ]; then
    echo "unpack_test.sh: $1 is unpacked $count times, expected $2" >&2
    exit 1
  fi
}
expect libdnnl-dev 1
expect libdnnl2 1
expect ocl-icd-libopencl1 1
expect first 1
for package in second unwanted other-libopencl1 libc6 libstdc++6 '<libopencl1>' '<virtual>'; do expect "$package" 0; done
