#!/usr/bin/env bash
# Checks scripts/gpu_check.sh with stand-ins for nvidia-smi and the programs that it runs: what it says where there is
# no GPU, and that a failed, an impossible and a passed step end up as such in report and exit status.
set -euo pipefail
check=$(realpath "$(dirname "$0")/../../scripts/gpu_check.sh")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

expect() {  # WHAT CONDITION...
  if ! "${@:2}"; then
    echo "gpu_check_test.sh: $1; output:" >&2
    cat "$work/output" >&2
    exit 1
  fi
}
stand_in() {  # NAME SCRIPT
  mkdir -p "$work/bin"
  printf '#!/bin/sh\n%s\n' "$2" >"$work/bin/$1"
  chmod +x "$work/bin/$1"
}
run_check() {
  status=0
  PATH=$work/bin:$PATH "$check" "$@" >"$work/output" 2>&1 || status=$?
}
in_report() { grep -q "$1" "$work/out/report.md"; }

stand_in nvidia-smi 'echo "NVIDIA-SMI has failed"; exit 9'
run_check "$work/out"
expect "without a GPU the exit status is not 1" [ $status = 1 ]
expect "without a GPU it says more or less than one line" [ "$(wc -l <"$work/output")" = 1 ]
expect "without a GPU it does not say so" grep -q "no NVIDIA GPU on this machine" "$work/output"
expect "without a GPU it leaves something behind" [ ! -e "$work/out" ]

run_check "$work/out" --stages build,tset
expect "a misspelt stage is not refused" [ $status = 1 ]
expect "the refusal does not name the stage" grep -q "no stage tset" "$work/output"

if ! command -v python3 >/dev/null; then
  echo "skipped: no python3 for the rest" >&2
  exit 0
fi

stand_in nvidia-smi 'case $1 in -L) echo "GPU 0: Test" ;; *) echo "Test, 1.0, 2 MiB, 9.0" ;; esac'
stand_in cmake 'echo "-- Tern: CPU backend on; CUDA backend: CUDA 13.0, cuDNN 9.19.0, for sm_90"'
stand_in ctest 'echo "3 tests failed out of 4"; exit 8'
run_check "$work/out" --stages build,initcheck
expect "passed and skipped steps fail" [ $status = 0 ]
expect "a passed step is not in the report" in_report "| build | compile | passed |"
expect "what was built is not in the report" in_report "| build | CUDA 13.0, cuDNN 9.19.0, for sm_90 |"
expect "a skipped step has no reason" in_report "| initcheck | kernels_tests | skipped compute-sanitizer is not installed |"

stand_in compute-sanitizer "grep '| test | ctest |' '$work/out/report.md'; sleep 60"
run_check "$work/out" --stages test,racecheck --limit 1
expect "a failed step passes" [ $status = 1 ]
expect "a failed step has no status" in_report "| test | ctest | failed (8) |"
expect "the log of a failed step is not in the report" in_report "3 tests failed out of 4"
expect "a call that is cut short leaves no report" grep -q "failed (8)" "$work/out/logs/racecheck-kernels_tests.log"
expect "the limit ends no step" in_report "| racecheck | kernels_tests | failed (time limit) |"
expect "steps of earlier calls are lost" in_report "| build | compile | passed |"
expect "the device is not in the report" in_report "# Check on Test"
expect "there is no archive of the report" tar -tzf "$work/out.tar.gz" out/report.md
stand_in compute-sanitizer 'echo "$@"'
run_check "$work/out" --stages memcheck
expect "the sanitizer looks at kernels that are not ours" grep -q -- "--kernel-regex kns=tern" "$work/out/logs/memcheck-kernels_tests.log"
run_check "$work/out" --stages memcheck --call 0
expect "a step begins that this call has no time for" in_report "| memcheck | kernels_tests | skipped no time was left in this call"
stand_in cmake 'echo "$LD_LIBRARY_PATH"'
CUDA_HOME=$work/toolkit run_check "$work/out" --stages build
expect "a stage does not find NVRTC" grep -q "$work/toolkit/lib64" "$work/out/logs/build-compile.log"

report=$(dirname "$check")/../benchmarks/peers/gpu_report.py
if python3 "$report" run "$work/out" synccheck kernels_tests --limit 60 --left 0.1 -- sleep 60; then status=0; else status=$?; fi
expect "a step that the call ends counts as passed" [ $status = 1 ]
python3 "$report" write "$work/out" >"$work/output" || true
expect "a step that the call ends counts as failed" in_report "| synccheck | kernels_tests | unfinished (this call had no more time"
stand_in ctest 'exit 0'
run_check "$work/out"
expect "another call does again what has failed" in_report "| test | ctest | failed (8) |"
expect "another call does not begin again what an earlier one had no time for" \
  in_report "| memcheck | kernels_tests | passed |"
expect "another call does not finish what is unfinished" in_report "| synccheck | kernels_tests | passed |"
expect "without CIFAR-10 no digits are generated" in_report "tern-data digits $work/out/training/digits"
expect "another call does not build" [ -z "$(grep "$work/toolkit" "$work/out/logs/build-compile.log")" ]

cat >"$work/out/bench.json" <<'END'
{"machine": {"commit": "1f2e3d4"}, "peaks": {"copy_gb_per_second": 2000.0}, "rows": [
  {"case": "layer/a", "implementation": "tern", "verified": true, "median_seconds": 2e-6, "quartile_seconds": [1e-6, 3e-6],
   "gmac_per_second": 12345.6, "gb_per_second": 7.0, "fraction_of_peak": 0.0},
  {"case": "layer/b", "implementation": "tern", "verified": false, "median_seconds": null, "problem": "element 3 | is 7"},
  {"case": "layer/c", "implementation": "cudnn_int8", "verified": false, "median_seconds": null, "problem": "no engine",
   "skipped": true},
  {"case": "layer/a", "implementation": "cudnn_int8", "verified": true, "median_seconds": 3e-6, "quartile_seconds": [1e-6, 3e-6],
   "gmac_per_second": 1.0, "gb_per_second": 7.0, "fraction_of_peak": 0.5}]}
END
run_check "$work/out" --stages bench
expect "a bench stage without its program passes" in_report "| bench | tern-bench | failed"
expect "the microbenchmarks are not in the report" in_report "| layer/a | tern | 2.0 | 12345.6 | 7.0 |  |"
expect "a wrong result is not in the report" in_report "| layer/b | tern | wrong: element 3 / is 7 |"
expect "a skipped row is not in the report" in_report "| layer/c | cudnn_int8 | skipped: no engine |"
expect "Tern is not compared with cuDNN" in_report "| a | 2.0 | 0 | 1.50 |"
expect "the measured peaks are not in the report" in_report "copy_gb_per_second 2000.0"
expect "the benchmark's commit is not in the report" in_report "commit 1f2e3d4"
expect "report.json is not JSON" python3 -m json.tool "$work/out/report.json" "$work/json"
