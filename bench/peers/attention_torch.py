"""Times PyTorch's MultiheadAttention, forward and backward, at the shapes of
bench/kernels/multi_head_attention_bench.cpp, with the attention weights (need_weights, PyTorch's
default) and without (its fused kernel). Prints the median and the range in milliseconds."""

import argparse
import statistics
import time

import torch

BATCH, CHANNELS, HEADS = 32, 128, 4
parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--samples", type=int, default=50)
given = parser.parse_args()
torch.set_num_threads(given.threads)
torch.manual_seed(1)

layer = torch.nn.MultiheadAttention(CHANNELS, HEADS)
for length in (40, 300):
    x = torch.empty(length, BATCH, CHANNELS).uniform_(-1, 1).requires_grad_()
    grad = x.detach().clone()
    for need_weights in (True, False):
        milliseconds = []
        for sample in range(given.samples + 5):
            layer.zero_grad()
            x.grad = None
            start = time.perf_counter()
            output, _ = layer(x, x, x, need_weights=need_weights)
            output.backward(grad)
            if sample >= 5:
                milliseconds.append((time.perf_counter() - start) * 1e3)
        print(f"length {length}, {'with' if need_weights else 'without'} weights: "
              f"{statistics.median(milliseconds):.2f} ms "
              f"({min(milliseconds):.2f} to {max(milliseconds):.2f})")
