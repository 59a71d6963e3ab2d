#!/usr/bin/env bash
# The main job from end to end on a generated data set: train pairs of binary branches, merge them into a ternary
# network, and see that both give the same answers. Usage: scripts/demo.sh BIN_DIRECTORY
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$1
run=runs/demo
data=$run/digits

rm -rf "$run"
mkdir -p "$run"
echo "== 1/4 Generating images of digits"
"$bin/tern-data" digits "$data" --train 8000 --test 2000 --seed 1
echo "== 2/4 Training pairs of binary branches"
"$bin/tern-train" configs/digits.json --set output="$run/pair" --set data.path="$data"
echo "== 3/4 Merging the pairs into ternary weights"
"$bin/tern-merge" "$run/pair/last.safetensors" -o "$run/merged.safetensors" --check
echo "== 4/4 Evaluating both on the test images"
"$bin/tern-evaluate" "$run/pair/last.safetensors" --compare "$run/merged.safetensors" --data "$data/test"
