# The steps of a check on a GPU, in their order, for scripts/gpu_check.sh, which builds Tern where the GPU is, and for run.sh of
# what scripts/gpu_bundle.sh packs elsewhere. Both set
#   program         their name, for errors
#   build           the folder of the build: $build/bin/tern-train, $build/tests/kernels/kernels_tests
#   python          an array: what runs the scripts of benchmarks/peers, in whose checkout this is called
#   peer_python     an array: the Python that has PyTorch, if any has
#   outside         an array: what commands begin with that run programs of this machine
#   run_tests       a function: runs the tests as steps
#   missing         names of libraries that are not there, "cuDNN cuBLAS"

steps_help='  --stages LIST     only these, comma separated, whether an earlier call has done them or not
  --batches LIST    of the stage train; default 64,128,256,512
  --data DIR        CIFAR-10 for the stage accuracy: data_batch_1.bin ... lie there; default: digits that are generated
  --limit SECONDS   for each step; one that takes longer is ended and counts as failed; default 540
  --call SECONDS    for the whole call; default 570'

fail() {
  echo "$program: $1" >&2
  exit 1
}

# parse_steps STAGES ARGUMENT...: sets out, stages, batches, data, limit, call and, where stages were named, again.
parse_steps() {
  local all=$1
  shift
  out= stages= batches=64,128,256,512 data= limit=540 call=570 again=
  while [ $# -gt 0 ]; do
    case $1 in
      --help) usage; exit 0 ;;
      --stages) stages=${2:?--stages takes a list} again=yes; shift ;;
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
  stages=${stages:-$all}
  stages=${stages//sanitize/memcheck,racecheck,initcheck,synccheck}
  local stage
  for stage in ${stages//,/ }; do
    [[ ,$all, == *,$stage,* ]] || fail "there is no stage $stage; there are $all"
  done
}

require_gpu() {
  # Not through a pipe: grep -q ends it early, which counts as a failure of nvidia-smi.
  local gpus
  gpus=$(nvidia-smi -L 2>/dev/null || true)
  [[ $gpus == GPU* ]] || fail "no NVIDIA GPU on this machine (nvidia-smi is missing or lists none); nothing was run"
}

# The folders of cuDNN, cuBLAS and NVRTC where they are packages of this machine's Python, one a line.
python_libraries() {
  "${outside[@]}" "${peer_python[@]}" - <<'END' 2>/dev/null || true
import importlib.util
for name in ("nvidia.cudnn", "nvidia.cublas", "nvidia.cuda_nvrtc", "nvidia.cu13"):
    try:
        found = importlib.util.find_spec(name)
    except ImportError:
        continue
    for folder in found.submodule_search_locations or () if found else ():
        print(folder)
END
}

wanted() { [[ ,$stages, == *,$1,* ]]; }
report() { "${python[@]}" benchmarks/peers/gpu_report.py "$@"; }
skip() { report skip "$out" "$@"; }
write_report() {
  local status=0
  report write "$out" || status=$?
  tar -C "$(dirname "$out")" -czf "$out.tar.gz" --exclude=training "$(basename "$out")"
  return $status
}

# Whether an earlier call has done the step, and it is not wanted anew.
has_result() {
  [ -z "$again" ] && grep -qsE '"status": "(passed|failed)"' "$out/steps/$1-$2.json"
}

# run STAGE NAME COMMAND...: a failure is in the report, and the other steps still run.
run() {
  has_result "$1" "$2" && return
  local left=$((call - SECONDS))
  if [ $left -le 0 ]; then
    skip "$1" "$2" "no time was left in this call; the next goes on here"
    return
  fi
  report run "$out" "$1" "$2" --limit "$limit" --left $left -- "${@:3}" || true
  write_report >/dev/null || true
}

# needs STAGE NAME LIBRARY...: whether they are there; the step is skipped where they are not.
needs() {
  local library
  for library in "${@:3}"; do
    [[ " $missing " == *" $library "* ]] || continue
    skip "$1" "$2" "it needs $library, which was not found"
    return 1
  done
}

bench() {
  # Its peaks include a product of cuBLAS.
  needs bench tern-bench cuBLAS || return 0
  local filter=.
  needs bench gradients-of-convolutions cuDNN || filter='^(?!op/ternary_conv2d_backward)'
  run bench tern-bench "$build/bin/tern-bench" --device cuda --filter "$filter" --json "$out/bench.json" --plot "$out/roofline.svg"
}

train() {
  local batch
  for batch in ${batches//,/ }; do
    needs train "batch-$batch" cuDNN cuBLAS || continue
    run train "batch-$batch" "${outside[@]}" "${peer_python[@]}" benchmarks/peers/training_speed.py \
      --tern "$build/bin/tern-train" --device cuda --model resnet18_bwx2 --batch "$batch" --repeats 3 --steps 20 \
      --json "$out/training-$batch.json"
  done
}

accuracy() {
  needs accuracy train cuDNN cuBLAS || return 0
  local folder=$out/training settings
  if [ -n "$again" ]; then rm -rf "$folder"; fi
  mkdir -p "$folder"
  if [ -n "$data" ]; then
    settings=(configs/cifar10_resnet20_sttn.json --set data.path="$data" --set training.epochs=3)
  else
    run accuracy data "$build/bin/tern-data" digits "$folder/digits" --train 8000 --test 2000
    settings=(configs/digits.json --set data.path="$folder/digits")
  fi
  if [ -e "$folder/run" ]; then settings+=(--resume); fi
  run accuracy train "$build/bin/tern-train" "${settings[@]}" --set device=cuda --set output="$folder/run"
  run accuracy merge "$build/bin/tern-merge" "$folder/run/last.safetensors" -o "$folder/merged.safetensors" --check
}

sanitize() {  # TOOL
  if ! command -v compute-sanitizer >/dev/null; then
    skip "$1" kernels_tests "compute-sanitizer is not installed"
    return
  fi
  # Cases that the stage test left out would fail here.
  local left_out
  mapfile -t left_out < <(sed -n 's/^left out for want of [^:]*: //p' "$out/logs/test-kernels.log" 2>/dev/null |
    sed 's/[][,\\]/\\&/g; s/^/~/')
  # Kept blocks of memory would hide overruns and what nobody has written.
  run "$1" kernels_tests "${outside[@]}" env TERN_NO_MEMORY_CACHING=1 compute-sanitizer --tool "$1" --kernel-regex kns=tern \
    --error-exitcode 1 "$build/tests/kernels/kernels_tests" "${left_out[@]}"
}

# All stages behind the build; exits with 0 if something passed and nothing failed.
run_stages() {
  local tool
  export TERN_REQUIRE_GPU=1  # a test for GPUs that finds none fails
  if wanted test; then run_tests; fi
  if wanted bench; then bench; fi
  if wanted train; then train; fi
  if wanted accuracy; then accuracy; fi
  for tool in memcheck racecheck initcheck synccheck; do
    if wanted $tool; then sanitize $tool; fi
  done
  write_report
}
