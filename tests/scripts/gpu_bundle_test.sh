#!/usr/bin/env bash
# Checks what scripts/gpu_bundle.sh packs of the build in folder $1: that no library is missing, so that it starts in a root
# that has a shell and the C library alone, and ends there for want of a GPU; and by stand-ins for its programs, how run.sh goes
# through its steps: what it leaves out, that another call goes on, what is in the report.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
c_library='^(ld-linux.*|lib(c|m|dl|pthread|rt|resolv|util))\.so\.'

expect() {  # WHAT CONDITION...
  if ! "${@:2}"; then
    echo "gpu_bundle_test.sh: $1; output:" >&2
    cat "$work/output" >&2
    exit 1
  fi
}
run() {  # COMMAND...
  status=0
  "$@" >"$work/output" 2>&1 || status=$?
}

if ! command -v python3 >/dev/null; then
  echo "skipped: no python3 to pack" >&2
  exit 77
fi
run scripts/gpu_bundle.sh "$work/bundle" --build "$1"
expect "nothing was packed" [ $status = 0 ]
run scripts/gpu_bundle.sh "$work/bundle" --build "$1"
expect "a bundle is overwritten" grep -q "there is a bundle in $work/bundle" "$work/output"

# A root with the tools of run.sh and the libraries that these need.
root=$work/root
mkdir -p "$root/dev" "$root/tmp" "$root/usr/bin"
touch "$root/dev/null"
ln -s usr/bin "$root/bin"
for tool in bash sh awk basename cut dirname env gzip mkdir paste realpath rm tar touch tr; do
  path=$(command -v $tool)
  cp -L "$path" "$root/usr/bin/$tool"
  for library in $(ldd "$path" | grep -o '/[^ ]*'); do
    mkdir -p "$root${library%/*}"
    cp -L "$library" "$root$library"
  done
done
mv "$work/bundle" "$root/bundle"
files=$root/bundle/files
enter=(chroot)
if [ "$(id -u)" -ne 0 ]; then enter=(unshare --map-root-user chroot); fi
in_root() { run env -i PATH=/bin:/sbin "${enter[@]}" "$root" "$@"; }

in_root /bin/bash -c :
if [ $status -ne 0 ]; then
  cat "$work/output" >&2
  echo "skipped: neither root nor user namespaces here" >&2
  exit 77
fi
in_root /bundle/run.sh
expect "without a GPU the exit status is not 1" [ $status = 1 ]
expect "without a GPU it says more or less than one line" [ "$(wc -l <"$work/output")" = 1 ]
expect "without a GPU it does not say so" grep -q "^run.sh: no NVIDIA GPU on this machine" "$work/output"
expect "without a GPU it leaves something behind" [ ! -e "$root/report" ]
for script in benchmarks/peers/gpu_report.py benchmarks/peers/training_speed.py scripts/run_test_cases.py; do
  in_root /bundle/files/build/bin/python3 "/bundle/files/$script" --help
  expect "the packed Python lacks what $script imports" [ $status = 0 ]
done

for file in $(find "$files/programs" "$files/lib" -type f); do
  for needed in $(readelf -d "$file" 2>/dev/null | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
    [ -e "$files/lib/$needed" ] || grep -qE "$c_library" <<<"$needed" || echo "$file needs $needed"
  done
done >"$work/output"
expect "a library is missing" [ ! -s "$work/output" ]

fmt=$(cd "$files/lib" && echo libfmt.so.*)
mv "$files/lib/$fmt" "$work"
in_root /bundle/run.sh
expect "a missing library passes" [ $status = 1 ]
expect "a missing library is not named" grep -q "does not start on this machine: .*$fmt" "$work/output"
mv "$work/$fmt" "$files/lib"

# From here on nothing but the report and the cases is run for real.
stand_in() {  # FILE SCRIPT
  mkdir -p "${1%/*}"
  printf '#!/bin/sh\n%s\n' "$2" >"$1"
  chmod +x "$1"
}
run_bundle() {
  run env PATH="$work/bin:$PATH" CUDA_HOME="$work/toolkit" LD_LIBRARY_PATH= "$root/bundle/run.sh" "$work/out" "$@"
}
in_report() { grep -qF -- "$1" "$work/out/report.md"; }
stand_in "$work/bin/nvidia-smi" 'case $1 in -L) echo "GPU 0: Test" ;; *) echo "Test, 1.0, 2 MiB, 9.0" ;; esac'
stand_in "$work/bin/compute-sanitizer" 'echo "$@" >&2'
stand_in "$work/bin/python3" 'exit 1'
mkdir -p "$work/toolkit/lib64"
touch "$work/toolkit/lib64/libcudnn.so.9"
printf '%s\n' "cuDNN libcudnn.so.9" "cuBLAS libcublas-of-no-machine.so.1" >"$files/nvidia_libraries"
for program in "$files"/build/tests/*/*; do stand_in "$program" 'case $1 in
  *wrong*) echo "0 == 1"; exit 1 ;;
  *product*) echo "cuBLAS cannot be loaded: no such file"; exit 1 ;;
  *folded*) echo "cuDNN cannot be loaded: no such file"; exit 1 ;;
esac'; done
cat >"$work/ctest.json" <<END
{"tests": [
  {"name": "core: right", "command": ["$files/build/tests/core/core_tests", "right"],
   "properties": [{"name": "LABELS", "value": ["core"]}, {"name": "TIMEOUT", "value": 60.0},
                  {"name": "ENVIRONMENT", "value": ["OMP_WAIT_POLICY=passive"]}]},
  {"name": "core: product", "command": ["$files/build/tests/core/core_tests", "product"],
   "properties": [{"name": "LABELS", "value": ["core"]}]},
  {"name": "kernels: wrong", "command": ["$files/build/tests/kernels/kernels_tests", "wrong"],
   "properties": [{"name": "LABELS", "value": ["kernels"]}]},
  {"name": "kernels: folded", "command": ["$files/build/tests/kernels/kernels_tests", "folded"],
   "properties": [{"name": "LABELS", "value": ["kernels"]}]},
  {"name": "others", "command": ["true"]}]}
END
python3 scripts/run_test_cases.py list "$files/build" core kernels <"$work/ctest.json" >"$files/cases.json"

run_bundle --stages test,train,memcheck
expect "failed cases pass" [ $status = 1 ]
expect "where a library is, is not in the report" in_report "| library | cuDNN | found $work/toolkit/lib64/libcudnn.so.9 |"
expect "that a library is missing is not in the report" in_report "| library | cuBLAS | missing |"
expect "cases that need what is missing fail" in_report "| test | core | passed 1 passed, 0 failed, 1 left out for want of cuBLAS |"
expect "cases that need what was found are left out" in_report "| test | kernels | failed (1) 0 passed, 2 failed |"
expect "what a case printed is not in the report" in_report "0 == 1"
expect "a step begins without a library that it needs" in_report "| train | batch-64 | skipped it needs cuBLAS, which was not found |"
expect "the sanitizer is not run" in_report "| memcheck | kernels_tests | passed |"
expect "the commit is not in the report" in_report "| commit | $(cat "$files/commit") |"
expect "there is no archive of the report" tar -tzf "$work/out.tar.gz" out/report.md

for program in "$files"/build/tests/*/*; do stand_in "$program" 'exit 0'; done
run_bundle
expect "a step that failed is run again by the next call" in_report "| test | kernels | failed (1) 0 passed, 2 failed |"
run_bundle --stages test
expect "a stage that is named is not run again" in_report "| test | kernels | passed 2 passed, 0 failed |"
