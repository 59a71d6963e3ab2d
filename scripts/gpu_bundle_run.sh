#!/usr/bin/env bash
# Checks Tern on this machine's GPU by what scripts/gpu_bundle.sh packed; --help says more.
set -euo pipefail
program=run.sh
here=$(cd "$(dirname "$0")" && pwd)
files=$here/files
if [ ! "$files/unpacked" -nt "$here/files.tar.gz" ]; then
  rm -rf "$files"
  mkdir -p "$files"
  tar -C "$files" -xzf "$here/files.tar.gz"
  touch "$files/unpacked"
fi
. "$files/scripts/gpu_steps.sh"

usage() {
  cat <<END
Usage: run.sh [OUT] [--stages LIST] [--batches LIST] [--data DIR] [--limit SECONDS] [--call SECONDS]

Writes OUT/report.md and OUT/report.json (default: ./report), a log of each step to OUT/logs, and all of it as one archive,
OUT.tar.gz. A call ends within ten minutes: a step that runs beyond them is ended, and those behind it are skipped. Another
call with the same OUT goes on there. In this order:

  test      the tests of $(basename -a "$files"/build/tests/* | paste -sd ' '), each case in a process of its own
  bench     the peaks of the GPU and the kernel microbenchmarks, beside cuDNN
  train     training steps of resnet18_bwx2 at 224x224, beside PyTorch where python3 has it
  accuracy  a short training, on CIFAR-10 or generated digits
  memcheck, racecheck, initcheck, synccheck (together: sanitize)
            NVIDIA's compute-sanitizer, where it is installed, over the kernel tests, our kernels alone

$steps_help

It needs a GPU and its driver. cuDNN, cuBLAS and NVRTC are looked for on LD_LIBRARY_PATH, in CUDA_HOME (/usr/local/cuda),
among the packages of python3 and where the system looks for libraries; what needs one that is not there is left out, and the
report says so. Exits with 0 if something passed and nothing failed.
END
}

parse_steps test,bench,train,accuracy,memcheck,racecheck,initcheck,synccheck report "$@"
build=$files/build
export PATH=$PATH:${CUDA_HOME:-/usr/local/cuda}/bin:/sbin
python=("$build/bin/python3")
outside=(env -u LD_LIBRARY_PATH)
if [ -n "${LD_LIBRARY_PATH:-}" ]; then outside=(env "LD_LIBRARY_PATH=$LD_LIBRARY_PATH"); fi
peer_python=(python3)
if ! command -v python3 >/dev/null; then peer_python=("${python[@]}"); fi

# Every program starts here: its libraries are there, and new enough.
for started in "$build"/bin/* "$build"/tests/*/*; do
  problem=$("$started" --help 2>&1 >/dev/null) || fail "${started##*/} does not start on this machine: $problem"
done
require_gpu

mkdir -p "$out"
out=$(realpath "$out")
cp -r "$files/logs" "$out"
cd "$files"
export TERN_FIXTURES=$files/tests/fixtures

folders=()
while IFS= read -r folder; do
  folders+=("$folder" "$folder/lib")
done < <(tr ':' '\n' <<<"${LD_LIBRARY_PATH:-}"; printf '%s\n' "${CUDA_HOME:-/usr/local/cuda}"{,/lib64}; python_libraries)

library_file() {  # FILE: where it is
  local folder
  for folder in "${folders[@]}"; do
    if [ -e "$folder/$1" ]; then
      echo "$folder/$1"
      return
    fi
  done
  ldconfig -p 2>/dev/null | awk -v name="$1" '$1 == name && !met { print $NF; met = 1 }'
}

missing=
export TERN_NVIDIA_LIBRARIES=
while read -r name file; do
  path=$(library_file "$file")
  report library "$out" "$name" "$path"
  if [ -n "$path" ]; then
    TERN_NVIDIA_LIBRARIES+=${TERN_NVIDIA_LIBRARIES:+:}${path%/*}
  else
    missing+="${missing:+ }$name"
  fi
done <nvidia_libraries

run_tests() {
  local folder
  for folder in build/tests/*; do
    run test "${folder##*/}" "${python[@]}" scripts/run_test_cases.py run cases.json "${folder##*/}" --missing "$missing"
  done
}
run_stages
