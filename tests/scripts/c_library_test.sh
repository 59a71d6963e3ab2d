#!/usr/bin/env bash
# c_library_test.sh LIBRARY.SO PREFIX [OTHERS]: the library needs the C and C++ runtimes (in a build with sanitizers theirs,
# too) and what the pattern OTHERS names, and nothing else; and it shows what begins with PREFIX alone.
set -euo pipefail

needed=$(readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
runtime='libstdc\+\+|libgcc_s|libm|libc|libpthread|ld-linux-.*|lib[a-z]*san'
others=$(grep -Ev "^($runtime${3:+|$3})\.so" <<< "$needed" || true)
if [ -n "$others" ]; then
  echo "needs other libraries: $others"
  exit 1
fi
grep -q '^libstdc++' <<< "$needed"  # else the list was not read

shown=$(nm -D --defined-only "$1" | awk '{ print $3 }')
if grep -v "^$2" <<< "$shown"; then
  echo "shows more than its interface"
  exit 1
fi
grep -q "^$2error$" <<< "$shown"
