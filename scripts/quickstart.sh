#!/usr/bin/env bash
# From a fresh Debian or Ubuntu to a trained model: installs what is missing, builds stroma and
# trains the DNA model on the built-in demo genome.
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/build.sh release stroma
stroma=build/release/bin/stroma
mkdir -p runs
"$stroma" simulate -o runs/demo.gb
"$stroma" train runs/demo.gb --model cnn-lstm-dna --epochs 30 --out runs/quickstart --force

cat <<'END'

Made:
  runs/demo.gb                          the demo genome: an annotated, circular GenBank record
  runs/quickstart/metrics.json          loss, accuracy and area under the precision-recall curve
  runs/quickstart/metrics.csv           one line an epoch
  runs/quickstart/predictions.csv       every test window, its label and the model's probabilities
  runs/quickstart/model.safetensors     the weights; PyTorch's load_state_dict takes them as they are

Try next:
  build/release/bin/stroma predict runs/quickstart runs/demo.gb -o predictions.csv
  build/release/bin/stroma train YOUR_GENOME.gb --model cnn-lstm-dna --out runs/mine
  build/release/bin/stroma info --models
  build/release/bin/stroma --help
END
