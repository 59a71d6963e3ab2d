#!/usr/bin/env bash
# engine_library_test.sh LIBTERN_ENGINE.SO: the library needs the C and C++ runtimes alone (in a build with sanitizers
# theirs, too), and shows nothing but its interface.
set -euo pipefail

needed=$(readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
others=$(grep -Ev '^(libstdc\+\+|libgcc_s|libm|libc|libpthread|ld-linux-.*|lib[a-z]*san)\.so' <<< "$needed" || true)
if [ -n "$others" ]; then
  echo "needs other libraries: $others"
  exit 1
fi
grep -q '^libstdc++' <<< "$needed"  # else the list was not read

shown=$(nm -D --defined-only "$1" | awk '{ print $3 }' | grep -v '^tern_engine_' || true)
if [ -n "$shown" ]; then
  echo "shows more than its interface: $shown"
  exit 1
fi
nm -D --defined-only "$1" | grep -q ' T tern_engine_run_u8$'
