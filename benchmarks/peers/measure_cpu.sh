#!/usr/bin/env bash
# What benchmarks/results holds of a CPU: tern-bench with each instruction set that it has, and whole networks beside their peers, on one
# thread and two. Each command takes about a minute, and each leaves a report of its own, so that they need no quiet hour.
# measure_cpu.sh OUT; ALONE is what runs a command undisturbed (`chrt -f 1`), BIN the folder of the programs, PYTHON has the peers.
set -euo pipefail

out=${1:?measure_cpu.sh OUT}
bin=${BIN:-build/release/bin}
peers=$(dirname "$0")
read -ra alone <<< "${ALONE:-}"
mkdir -p "$out"

# measure FILE COMMAND...
measure() {
  echo "$1"
  "${alone[@]}" "${@:2}" --json "$out/$1" > "$out/log" 2>&1 || { cat "$out/log"; exit 1; }
}

for instructions in avx512 avx512bw avx2 neon; do
  if ! TERN_CPU=$instructions "$bin/tern-predict" --version > /dev/null 2>&1; then continue; fi
  TERN_CPU=$instructions measure "$instructions.json" "$bin/tern-bench" --seconds 0.2 \
    --filter '^layer/|^small_layer/.*batch1$|^network/(resnet18|cifar_resnet20)'
done
for threads in 1 2; do
  for runtimes in 'onnxruntime|ncnn' PyTorch 'OpenVINO|LiteRT'; do
    measure "inference_${threads}_$(tr 'A-Z|' 'a-z_' <<< "$runtimes").json" "${PYTHON:-python3}" "$peers/inference_speed.py" \
      --tern "$bin/tern-bench" --repeats 5 --seconds 0.4 --threads "$threads" --peers "$runtimes"
  done
done
rm "$out/log"
shopt -s nullglob
python3 "$peers/goals_table.py" "$out"/{avx,neon,inference_}*.json
