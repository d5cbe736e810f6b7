"""PyTorch's batch and layer normalisation, forward and backward, at the shapes of
bench/kernels/norm_bench.cpp, in the layout that PyTorch takes for each: BatchNorm1d [batch, channels,
length], LayerNorm [batch, length, channels]. Prints the median in microseconds.
Run: python bench/peers/norm_torch.py [--threads N] [--samples N]"""

import argparse
import statistics
import time

import torch
from torch import nn

given = argparse.ArgumentParser(description=__doc__)
given.add_argument("--threads", type=int, default=1)
given.add_argument("--samples", type=int, default=200)
options = given.parse_args()
torch.set_num_threads(options.threads)
torch.manual_seed(1)


def median_us(module, shape):
    x = torch.rand(shape, requires_grad=True)
    output_grad = torch.rand(shape)
    times = []
    for sample in range(options.samples + 20):
        start = time.perf_counter()
        x.grad = None
        module(x).backward(output_grad)
        if sample >= 20:
            times.append((time.perf_counter() - start) * 1e6)
    return statistics.median(times)


for length, channels in [(40, 128), (1296, 64)]:
    for module, shape in [
        (nn.BatchNorm1d(channels), (32, channels, length)),
        (nn.LayerNorm(channels), (32, length, channels)),
    ]:
        print(f"{type(module).__name__} {shape}: {median_us(module, shape):.0f} us")
