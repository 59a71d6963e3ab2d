#!/usr/bin/env bash
# Builds Tern for the GPU of this machine and checks it there; --help says more.
set -euo pipefail

usage() {
  cat <<'END'
Usage: scripts/gpu_check.sh OUT [--stages LIST] [--batches LIST] [--data DIR] [--limit SECONDS]
                            [--call SECONDS]

Writes OUT/report.md and OUT/report.json, a log of each step to OUT/logs, and all of it as one archive, OUT.tar.gz. Steps
of earlier calls with the same OUT stay in the report, so that stages can be run one at a time; it is written after each
step, so that a call that is cut short leaves what it has. A call ends within ten minutes: a step that runs beyond them is
ended, and those behind it are skipped, for another call. In this order:

  build     compile for this machine's GPU, in build/gpu-check
  test      every test, those of kernels and layers on the GPU
  bench     the peaks of the GPU and the kernel microbenchmarks, beside cuDNN
  train     training steps of resnet18_bwx2 at 224x224, beside PyTorch where it is installed
  accuracy  a short training on CIFAR-10, whose data_batch_1.bin ... lie in the folder of --data
  memcheck, racecheck, initcheck, synccheck (together: sanitize)
            NVIDIA's compute-sanitizer over the kernel tests, our kernels alone; a call for each

  --stages LIST     only these, comma separated
  --batches LIST    of the stage train; default 64,128,256,512
  --limit SECONDS   for each step; one that takes longer is ended and counts as failed
  --call SECONDS    for the whole call; default 570

It needs a GPU, the CUDA toolkit with cuDNN 9, and what `scripts/install_deps.sh test` installs. Without a network, that
can be unpacked in a folder, prepared elsewhere with scripts/install_deps.sh --unpack DIR, and named by
CMAKE_PREFIX_PATH=DIR/usr. Exits with 0 if something passed and nothing failed; what cannot run is skipped, and the
report says why.
END
}

fail() {
  echo "gpu_check.sh: $1" >&2
  exit 1
}

out= stages= batches=64,128,256,512 data= limit=570 call=570
while [ $# -gt 0 ]; do
  case $1 in
    --help) usage; exit 0 ;;
    --stages) stages=${2:?--stages takes a list}; shift ;;
    --batches) batches=${2:?--batches takes a list}; shift ;;
    --data) data=$(realpath "${2:?--data takes a folder}"); shift ;;
    --limit) limit=${2:?--limit takes seconds}; shift ;;
    --call) call=${2:?--call takes seconds}; shift ;;
    -*) fail "unknown option $1; see --help" ;;
    *) out=$1 ;;
  esac
  shift
done
[ -n "$out" ] || fail "the folder for the report is missing; see --help"
all=build,test,bench,train,accuracy,memcheck,racecheck,initcheck,synccheck
stages=${stages:-$all}
stages=${stages//sanitize/memcheck,racecheck,initcheck,synccheck}
for stage in ${stages//,/ }; do
  [[ ,$all, == *,$stage,* ]] || fail "there is no stage $stage; there are $all"
done
# Not through a pipe: grep -q ends it early, which counts as a failure of nvidia-smi.
gpus=$(nvidia-smi -L 2>/dev/null || true)
[[ $gpus == GPU* ]] || fail "no NVIDIA GPU on this machine (nvidia-smi is missing or lists none); nothing was run"
command -v python3 >/dev/null || fail "python3, which runs the steps, is missing; nothing was run"

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
for package in nvidia.cudnn nvidia.cublas nvidia.cu13; do
  folder=$(python3 -c "import $package as package; print(package.__path__[0])" 2>/dev/null || true)
  [ -n "$folder" ] || continue
  prefixes+=${prefixes:+:}$folder
  LD_LIBRARY_PATH=$folder/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
done
# Where the toolkit installs itself, which is often not on the path. cuDNN looks for NVRTC in its libraries, for the engines
# that it compiles.
toolkit=${CUDA_HOME:-/usr/local/cuda}
export PATH=$PATH:$toolkit/bin
export CMAKE_PREFIX_PATH=$prefixes LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$toolkit/lib64

cd "$(dirname "$0")/.."
build=build/gpu-check
report=benchmarks/peers/gpu_report.py

wanted() { [[ ,$stages, == *,$1,* ]]; }
write_report() {
  local status=0
  python3 "$report" write "$out" || status=$?
  tar -C "$(dirname "$out")" -czf "$out.tar.gz" --exclude=cifar10 "$(basename "$out")"
  return $status
}
run() {  # STAGE NAME COMMAND...: a failure is in the report, and the other steps still run
  local left=$((call - SECONDS))
  if [ $left -le 0 ]; then
    skip "$1" "$2" "no time was left in this call; another with --stages $1 runs it"
    return
  fi
  python3 "$report" run "$out" "$1" "$2" --limit $((left < limit ? left : limit)) -- "${@:3}" || true
  write_report >/dev/null || true
}
skip() { python3 "$report" skip "$out" "$@"; }

if wanted build; then
  # A compiler that nobody has tried yet may know more warnings, and one file that it refuses should not cost all others.
  run build configure cmake -S . -B $build -G Ninja -DCMAKE_BUILD_TYPE=Release -DTERN_CUDA=ON -DTERN_WERROR=OFF
  run build compile cmake --build $build -- -k 0
fi
export TERN_REQUIRE_GPU=1  # a test for GPUs that finds none fails
if wanted test; then
  run test ctest ctest --test-dir $build --output-on-failure --parallel $((($(nproc) + 1) / 2))
fi
if wanted bench; then
  run bench tern-bench $build/bin/tern-bench --device cuda --filter . --json "$out/bench.json" --plot "$out/roofline.svg"
fi
if wanted train; then
  for batch in ${batches//,/ }; do
    run train "batch-$batch" python3 benchmarks/peers/training_speed.py --tern $build/bin/tern-train --device cuda \
      --model resnet18_bwx2 --batch "$batch" --repeats 3 --steps 20 --json "$out/training-$batch.json"
  done
fi
if wanted accuracy; then
  if [ -n "$data" ]; then
    run accuracy train $build/bin/tern-train configs/cifar10_resnet20_sttn.json --set device=cuda \
      --set data.path="$data" --set output="$out/cifar10" --set training.epochs=3
    run accuracy merge $build/bin/tern-merge "$out/cifar10/last.safetensors" -o "$out/cifar10/merged.safetensors" --check
  else
    skip accuracy train "no --data was given"
  fi
fi
for tool in memcheck racecheck initcheck synccheck; do
  wanted $tool || continue
  if command -v compute-sanitizer >/dev/null; then
    # Kept blocks of memory would hide overruns and what nobody has written.
    run $tool kernels_tests env TERN_NO_MEMORY_CACHING=1 compute-sanitizer --tool $tool --kernel-regex kns=tern \
      --error-exitcode 1 $build/tests/kernels/kernels_tests
  else
    skip $tool kernels_tests "compute-sanitizer is not installed"
  fi
done

write_report
