#!/usr/bin/env bash
# What other programs on the same cores cost: an epoch of the DNA model on the demo genome, and as many
# steps in PyTorch, on the machine as it is and with a busy loop a core beside them. A loop a core
# leaves half of the machine, so that twice the time is the fair share.
#   scripts/bench_busy.sh [rounds] [steps]      PYTHON=… names a Python that has PyTorch
# `steps` in place of an epoch, for a look: both then time their steps alone.
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=${1:-5}
steps=${2:-}
python=${PYTHON:-python3}
cores=$(nproc)
longest=$((20 * 60))  # seconds for one program, and for the loops beside it
scripts/build.sh release stroma train_step_bench >&2

folder=$(mktemp -d)
loops=()
stop_loops() {
  ((${#loops[@]} == 0)) || kill "${loops[@]}" 2>/dev/null || true
  loops=()
}
trap 'stop_loops; rm -rf "$folder"' EXIT
start_loops() {
  local core
  for ((core = 0; core < cores; core++)); do
    timeout "$longest" sh -c 'while :; do :; done' &
    loops+=($!)
  done
}

# Prints the seconds of $1 steps, from the line of JSON that a benchmark prints for one sample.
seconds_of_steps() {
  python3 -c 'import json, sys; print(json.load(sys.stdin)["median_us"] * int(sys.argv[1]) * 1e-6)' "$1"
}
bench_options() {
  echo --model cnn-lstm-dna --threads "$cores" --samples 1 --steps "$1" --warm-up 5
}
stroma_seconds() {
  if [[ -n $steps ]]; then
    # shellcheck disable=SC2046
    timeout "$longest" build/release/bin/train_step_bench $(bench_options "$steps") |
      seconds_of_steps "$steps"
    return
  fi
  rm -rf "$folder/run"
  timeout "$longest" build/release/bin/stroma train "$folder/demo.gb" --model cnn-lstm-dna \
    --epochs 1 --threads "$cores" --out "$folder/run" --quiet
  python3 - "$folder/run/metrics.csv" <<'PYTHON'
import csv
import sys

print(next(csv.DictReader(open(sys.argv[1])))["seconds"])
PYTHON
}
torch_seconds() {
  # shellcheck disable=SC2046
  timeout "$longest" "$python" bench/peers/train_step_torch.py $(bench_options "${steps:-587}") |
    seconds_of_steps "${steps:-587}"
}

programs=(stroma)
if "$python" -c 'import torch' 2>/dev/null; then
  programs+=(torch)
else
  echo "bench_busy.sh: $python has no PyTorch; name a Python that has it in PYTHON" >&2
fi
build/release/bin/stroma simulate -o "$folder/demo.gb" >&2
for ((round = 1; round <= rounds; round++)); do
  for machine in quiet busy; do
    [[ $machine == quiet ]] || start_loops
    for program in "${programs[@]}"; do
      "${program}_seconds" >>"$folder/$program-$machine"
    done
    stop_loops
  done
  echo "round $round of $rounds" >&2
done

python3 - "$folder" "$cores" "${steps:-an epoch of}" "${programs[@]}" <<'PYTHON'
import pathlib
import statistics
import sys

folder, cores, steps = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
print(f"{steps} steps of the DNA model, batch 32, {cores} threads on {cores} cores, seconds:")
print("median (lowest to highest); busy: beside one busy loop a core, fair is 2 times the quiet\n")
print("| program | quiet | busy | times | of the fair share |\n|---|---|---|---|---|")
for program in sys.argv[4:]:
    medians, cells = {}, []
    for machine in ("quiet", "busy"):
        times = [float(line) for line in (folder / f"{program}-{machine}").read_text().split()]
        medians[machine] = statistics.median(times)
        cells.append(f"{medians[machine]:.2f} ({min(times):.2f} to {max(times):.2f})")
    times = medians["busy"] / medians["quiet"]
    print(f"| {program} | {cells[0]} | {cells[1]} | {times:.2f} | {times / 2:.2f} |")
PYTHON
