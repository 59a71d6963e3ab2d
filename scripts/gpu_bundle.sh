#!/usr/bin/env bash
# Packs what checks Tern on a GPU, compiled, for a machine that has a driver and nothing else; --help says more.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
  cat <<'END'
Usage: scripts/gpu_bundle.sh OUT [--architectures LIST] [--build DIR]

Compiles Tern for GPUs of sm_90 and any x86-64 CPU, in build/gpu-bundle, and leaves in OUT two files to be copied to a machine
with such a GPU: run.sh and files.tar.gz, at most 60 MiB. OUT/run.sh there does what scripts/gpu_check.sh does behind the
build; its --help says more. In files.tar.gz are the programs and tests with all libraries that they need but the C library,
which must be as new there as here, a Python for the report, and what the steps read.

What is NVIDIA's, cuDNN, cuBLAS, NVRTC and compute-sanitizer, takes gigabytes and stays out: run.sh takes what it finds there,
in the CUDA toolkit or beside PyTorch, and says what it leaves out for want of what.

  --architectures LIST   as CMAKE_CUDA_ARCHITECTURES; default 90-real
  --build DIR            pack what is compiled in DIR, and compile nothing
END
}

fail() {
  echo "gpu_bundle.sh: $1" >&2
  exit 1
}

max_bytes=$((60 << 20))
programs=(tern-bench tern-data tern-merge tern-train)
test_folders=(core kernels layers models training)

out= architectures=90-real build=
while [ $# -gt 0 ]; do
  case $1 in
    --help) usage; exit 0 ;;
    --architectures) architectures=${2:?--architectures takes a list}; shift ;;
    --build) build=${2:?--build takes a folder}; shift ;;
    -*) fail "unknown option $1; see --help" ;;
    *) out=$1 ;;
  esac
  shift
done
[ -n "$out" ] || fail "the folder for the bundle is missing; see --help"
[ ! -e "$out/run.sh" ] || fail "there is a bundle in $out; remove it, or name another folder"

files=$(mktemp -d)
trap 'rm -rf "$files"' EXIT
mkdir -p "$files/logs"

if [ -z "$build" ]; then
  build=build/gpu-bundle
  cmake --preset gpu-bundle -DCMAKE_CUDA_ARCHITECTURES="$architectures" | tee "$files/logs/build-configure.log"
  cmake --build $build --target "${programs[@]}" "${test_folders[@]/%/_tests}"
fi

# The libraries that these programs need, "NAME PATH" a line; those of the C library, which belongs to the machine, left out.
libraries_of() {
  ldd "$@" | awk '$2 == "=>" { print $1, $3 }' | sort -u |
    grep -vE '^(ld-linux[^ ]*|lib(c|m|dl|pthread|rt|resolv|util))\.so\.' || true
}

copy_libraries() {  # PROGRAM...
  local name path
  mkdir -p "$files/lib"
  while read -r name path; do
    [ "$path" != not ] || fail "$name, which one of $* needs, is not on this machine"
    strip --strip-unneeded -o "$files/lib/$name" "$path"
  done < <(libraries_of "$@")
}

# Programs are started by scripts that say where their libraries are, so that the environment of all others stays as it was.
add_program() {  # FILE PROGRAM STARTER: below programs/ and build/
  local up
  up=$(dirname "$3" | sed 's:[^/]*:..:g')
  [ -x "$1" ] || fail "$1 is missing"
  mkdir -p "$(dirname "$files/programs/$2")" "$(dirname "$files/build/$3")"
  strip -o "$files/programs/$2" "$1"
  cat >"$files/build/$3" <<END
#!/bin/sh
root=\${0%/*}/$up/..
export LD_LIBRARY_PATH="\$root/lib\${TERN_NVIDIA_LIBRARIES:+:\$TERN_NVIDIA_LIBRARIES}\${LD_LIBRARY_PATH:+:\$LD_LIBRARY_PATH}"
exec "\$root/programs/$2" "\$@"
END
  chmod +x "$files/build/$3"
}

# An interpreter, which finds its library in ../lib/python3.x, and of that library what needs no others.
add_python() {
  local executable base library extension
  read -r executable base library < <(python3 -c 'import os, sys, sysconfig
print(os.path.realpath(sys.executable), sys.base_prefix, os.path.relpath(sysconfig.get_path("stdlib"), sys.base_prefix))')
  add_program "$executable" python/bin/python3 bin/python3
  tar -C "$base" -ch --exclude={__pycache__,test,tests,idlelib,tkinter,turtledemo,lib2to3,ensurepip,site-packages,dist-packages} \
    --exclude={'config-*','_test*','_xx*'} "$library" | tar -C "$files/programs/python" -x
  for extension in "$files/programs/python/$library/lib-dynload"/*.so; do
    if [ -n "$(libraries_of "$extension")" ]; then rm "$extension"; fi
  done
}

for program in "${programs[@]}"; do add_program "$build/bin/$program" "$program" "bin/$program"; done
for folder in "${test_folders[@]}"; do
  add_program "$build/tests/$folder/${folder}_tests" "${folder}_tests" "tests/$folder/${folder}_tests"
done
add_python
copy_libraries $(find "$files/programs" -path '*/lib' -prune -o -type f -print)
ctest --test-dir "$build" --show-only=json-v1 | python3 scripts/run_test_cases.py list "$build" "${test_folders[@]}" \
  >"$files/cases.json"

# The names of NVIDIA's libraries, by the version of the toolkit.
compiler=$(sed -n 's/^CMAKE_CUDA_COMPILER:[^=]*=//p' "$build/CMakeCache.txt")
toolkit=
if [ -n "$compiler" ]; then toolkit=$("$compiler" --version | sed -n 's/.*release \([0-9]*\).*/\1/p'); fi
printf '%s\n' "cuDNN libcudnn.so.9" "cuBLAS libcublas.so.$toolkit" "NVRTC libnvrtc.so.$toolkit" >"$files/nvidia_libraries"

git describe --always --dirty >"$files/commit" 2>/dev/null || echo unknown >"$files/commit"
cp -r --parents configs scripts/gpu_steps.sh scripts/run_test_cases.py benchmarks/peers/*.py tests/fixtures "$files"

mkdir -p "$out"
tar -C "$files" -czf "$out/files.tar.gz" .
cp scripts/gpu_bundle_run.sh "$out/run.sh"
bytes=$(du -sb "$out" | cut -f1)
[ "$bytes" -le $max_bytes ] || fail "$out has $bytes bytes, more than $max_bytes"
echo "gpu_bundle.sh: $out has $bytes bytes; on the machine with the GPU, call run.sh"
