"""Writes attention.safetensors: an embedding, a pool by attention and a self-attention with a padding
mask, as PyTorch computes them, with their gradients. Run: python tests/golden/attention.py"""

import pathlib

import torch
from safetensors.torch import save_file
from torch import nn

torch.manual_seed(1)
torch.set_default_dtype(torch.float64)
length, batch, channels = 7, 4, 12
lengths = torch.tensor([7, 3, 1, 5])
padding = torch.arange(length)[:, None] >= lengths  # [length, batch]
tensors = {"lengths": lengths.to(torch.int32)}


def keep(name, module, x, output):
    """The parameters, the input, the output, and their gradients for a random gradient of the output."""
    output_grad = torch.empty_like(output).uniform_(-1, 1)
    output.backward(output_grad)
    found = {"output": output, "output_grad": output_grad}
    if x is not None:
        found |= {"x": x, "x_grad": x.grad}
    for key, parameter in module.named_parameters():
        found |= {key: parameter, f"{key}_grad": parameter.grad}
    tensors.update({f"{name}.{key}": value.detach().clone() for key, value in found.items()})


def sequence():
    x = torch.empty(length, batch, channels).uniform_(-1, 1)
    return x.masked_fill(padding[:, :, None], 0).requires_grad_()


table = nn.Embedding(17, channels, padding_idx=0)
tokens = torch.randint(0, 17, (length, batch))
tokens[0, 0] = 0
tensors["tokens"] = tokens.to(torch.int32)
keep("embedding", table, None, table(tokens))

pool = nn.Sequential(nn.Linear(channels, 5), nn.Tanh(), nn.Linear(5, 1))
x = sequence()
scores = pool(x).masked_fill(padding[:, :, None], float("-inf"))
keep("pool", pool, x, (scores.softmax(0) * x).sum(0))

attention = nn.MultiheadAttention(channels, 3)
for parameter in attention.parameters():  # biases are zeros at first
    nn.init.uniform_(parameter, -0.5, 0.5)
x = sequence()
output, _ = attention(x, x, x, key_padding_mask=padding.T)
keep("heads", attention, x, output.masked_fill(padding[:, :, None], 0))

save_file(tensors, pathlib.Path(__file__).with_suffix(".safetensors"))
