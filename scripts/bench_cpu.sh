#!/usr/bin/env bash
# Compares a training step of stroma with the same step in PyTorch on this machine's CPU: both in
# turns, with one and with two threads each, medians, and the ratio of the best of each.
#   scripts/bench_cpu.sh [model] [rounds]      PYTHON=… names a Python that has PyTorch
set -euo pipefail
cd "$(dirname "$0")/.."

model=${1:-cnn-lstm-dna}
rounds=${2:-5}
python=${PYTHON:-python3}
if ! "$python" -c 'import torch' 2>/dev/null; then
  echo "bench_cpu.sh: $python has no PyTorch; make a virtual environment, pip install torch numpy," \
    "and name its python in PYTHON" >&2
  exit 1
fi
scripts/build.sh release >&2

times=$(mktemp -d)
trap 'rm -rf "$times"' EXIT
for ((round = 1; round <= rounds; round++)); do
  for threads in 1 2; do
    build/release/bin/train_step_bench --model "$model" --threads "$threads" \
      >>"$times/stroma-$threads"
    "$python" bench/peers/train_step_torch.py --model "$model" --threads "$threads" \
      >>"$times/torch-$threads"
  done
  echo "round $round of $rounds" >&2
done

"$python" - "$times" "$model" <<'PYTHON'
import json
import pathlib
import statistics
import sys

import torch

folder, model = pathlib.Path(sys.argv[1]), sys.argv[2]
best = {}
print(f"One training step of {model}, batch 32, milliseconds: median (lowest to highest of the rounds)")
for name, label in (("stroma", "stroma"), ("torch", f"PyTorch {torch.__version__}")):
    for threads in (1, 2):
        lines = (folder / f"{name}-{threads}").read_text().splitlines()
        milliseconds = [json.loads(line)["median_us"] * 1e-3 for line in lines]
        median = statistics.median(milliseconds)
        best[name] = min(best.get(name, median), median)
        print(f"  {label:24} {threads} thread{'s' if threads > 1 else ' '} "
              f"{median:8.2f} ({min(milliseconds):.2f} to {max(milliseconds):.2f})")
print(f"ratio, best of each: {best['torch'] / best['stroma']:.2f}")
PYTHON
