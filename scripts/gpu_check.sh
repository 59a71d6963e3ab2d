#!/usr/bin/env bash
# Builds Tern for the GPU of this machine and checks it there; --help says more.
set -euo pipefail
program=gpu_check.sh
here=$(cd "$(dirname "$0")" && pwd)
. "$here/gpu_steps.sh"

usage() {
  cat <<END
Usage: scripts/gpu_check.sh OUT [--stages LIST] [--batches LIST] [--data DIR] [--limit SECONDS]
                            [--call SECONDS]

Writes OUT/report.md and OUT/report.json, a log of each step to OUT/logs, and all of it as one archive, OUT.tar.gz. A call
ends within ten minutes: a step that runs beyond them is ended, and those behind it are skipped. Another call with the same
OUT goes on there; what earlier ones have done stays in the report, which is written after each step. In this order:

  build     compile for this machine's GPU, in build/gpu-check
  test      every test, those of kernels and layers on the GPU
  bench     the peaks of the GPU and the kernel microbenchmarks, beside cuDNN
  train     training steps of resnet18_bwx2 at 224x224, beside PyTorch where it is installed
  accuracy  a short training, on CIFAR-10 or generated digits
  memcheck, racecheck, initcheck, synccheck (together: sanitize)
            NVIDIA's compute-sanitizer over the kernel tests, our kernels alone

$steps_help

It needs a GPU, the CUDA toolkit with cuDNN 9, and what \`scripts/install_deps.sh test\` installs. Without a network, that
can be unpacked in a folder, prepared elsewhere with scripts/install_deps.sh --unpack DIR, and named by
CMAKE_PREFIX_PATH=DIR/usr; or all is compiled elsewhere, by scripts/gpu_bundle.sh. Exits with 0 if something passed and
nothing failed; what cannot run is skipped, and the report says why.
END
}

parse_steps build,test,bench,train,accuracy,memcheck,racecheck,initcheck,synccheck "$@"
require_gpu
command -v python3 >/dev/null || fail "python3, which runs the steps, is missing; nothing was run"
python=(python3) peer_python=(python3) outside=() missing=

mkdir -p "$out"
out=$(realpath "$out")

# Libraries of an unpacked folder need each other when programs are linked and run.
prefixes=
given=${CMAKE_PREFIX_PATH:-}
for prefix in ${given//:/ }; do
  prefix=$(realpath "$prefix")
  prefixes+=${prefixes:+:}$prefix
  export PATH=$PATH:$prefix/bin
  LD_LIBRARY_PATH=$prefix/lib:$prefix/lib/$(uname -m)-linux-gnu${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
done
# cuDNN and cuBLAS may be those of Python's packages, which are one folder from CUDA 13 on.
while read -r folder; do
  prefixes+=${prefixes:+:}$folder
  LD_LIBRARY_PATH=$folder/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
done < <(python_libraries)
# Where the toolkit installs itself, which is often not on the path. cuDNN looks for NVRTC in its libraries, for the engines
# that it compiles.
toolkit=${CUDA_HOME:-/usr/local/cuda}
export PATH=$PATH:$toolkit/bin
export CMAKE_PREFIX_PATH=$prefixes LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$toolkit/lib64

cd "$here/.."
build=build/gpu-check
run_tests() {
  run test ctest ctest --test-dir $build --output-on-failure --parallel $((($(nproc) + 1) / 2))
}

if wanted build; then
  # A compiler that nobody has tried yet may know more warnings, and one file that it refuses should not cost all others.
  again=yes run build configure cmake -S . -B $build -G Ninja -DCMAKE_BUILD_TYPE=Release -DTERN_CUDA=ON -DTERN_WERROR=OFF
  again=yes run build compile cmake --build $build -- -k 0
fi
run_stages
