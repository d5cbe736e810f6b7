"""Times one training step of a published network in PyTorch on the CPU.

Prints the median seconds of a step: forward, loss, backward, Adam. The batches are gathered from
a data set in memory, as a training loop would.
"""

import argparse
import statistics
import time

import torch
from torch import nn

from models_torch import MODELS

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--model", choices=MODELS, default="cnn-lstm-dna")
parser.add_argument("--batch-size", type=int, default=32)
parser.add_argument("--classes", type=int, default=100)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--steps", type=int, default=100)
parser.add_argument("--warm-up", type=int, default=20)
options = parser.parse_args()

torch.set_num_threads(options.threads)
torch.manual_seed(1)
module, letters = MODELS[options.model]
model = module(options.classes)
optimizer = torch.optim.Adam(model.parameters(), lr=5e-4)
loss_function = nn.CrossEntropyLoss()

examples = 4096
codes = torch.randint(letters, (examples, 40))
inputs = nn.functional.one_hot(codes, letters).float()
labels = torch.randint(options.classes, (examples,))


def step(index):
    first = index * options.batch_size % (examples - options.batch_size + 1)
    rows = slice(first, first + options.batch_size)
    optimizer.zero_grad()
    loss = loss_function(model(inputs[rows]), labels[rows])
    loss.backward()
    optimizer.step()
    return loss


for index in range(options.warm_up):
    step(index)
seconds = []
for index in range(options.steps):
    start = time.perf_counter()
    loss = step(index)
    seconds.append(time.perf_counter() - start)
assert torch.isfinite(loss)
print(f"{statistics.median(seconds):.6f}")
