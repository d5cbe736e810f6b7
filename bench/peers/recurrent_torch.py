"""A recurrent layer along a long sequence in PyTorch, forward and backward with all gradients, as
`recurrent_bench --benchmark_filter=long_sequence` times it in Stroma. Prints a line of JSON a cell.

  OMP_NUM_THREADS=2 python bench/peers/recurrent_torch.py
"""

import argparse
import json
import statistics
import time

import torch

CELLS = {"rnn": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}

parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
parser.add_argument("--length", type=int, default=1296)
parser.add_argument("--batch-size", type=int, default=32)
parser.add_argument("--input", type=int, default=64)
parser.add_argument("--hidden", type=int, default=64)
parser.add_argument("--samples", type=int, default=20)
given = parser.parse_args()

torch.manual_seed(1)
for name, module in CELLS.items():
    layer = module(given.input, given.hidden)
    x = torch.randn(given.length, given.batch_size, given.input, requires_grad=True)
    grad = torch.randn(given.length, given.batch_size, given.hidden)
    milliseconds = []
    for sample in range(given.samples + 2):
        x.grad = None
        start = time.perf_counter()
        layer(x)[0].backward(grad)
        if sample >= 2:  # the first two warm up
            milliseconds.append((time.perf_counter() - start) * 1e3)
    print(json.dumps({
        "framework": f"PyTorch {torch.__version__}", "cell": name,
        "shape": [given.length, given.batch_size, given.input, given.hidden],
        "threads": torch.get_num_threads(), "median_ms": statistics.median(milliseconds),
        "spread": [min(milliseconds), max(milliseconds)]}), flush=True)
