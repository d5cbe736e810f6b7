"""Writes conv.safetensors: what PyTorch computes, in float64, for convolutions and pooling.

Every case N holds its inputs in Stroma's layout [length, batch, channels] and what comes back from
y.backward(output_grad). Run from anywhere: python conv.py
"""

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch.nn import functional

torch.manual_seed(7)
tensors = {}


def time_major(x):
    """PyTorch's [batch, channels, length] as [length, batch, channels], and back."""
    return x.detach().permute(2, 0, 1).contiguous()


def random(*shape):
    return torch.randn(*shape, dtype=torch.float64).requires_grad_()


def record(name, options, x, y, parameters):
    output_grad = torch.randn_like(y)
    y.backward(output_grad)
    tensors[f"{name}.options"] = torch.tensor(options)
    tensors[f"{name}.input"] = time_major(x)
    tensors[f"{name}.output"] = time_major(y)
    tensors[f"{name}.output_grad"] = time_major(output_grad)
    tensors[f"{name}.input_grad"] = time_major(x.grad)
    for key, parameter in parameters.items():
        tensors[f"{name}.{key}"] = parameter.detach()
        tensors[f"{name}.{key}_grad"] = parameter.grad


# length, batch, in, out, kernel, stride, padding, dilation, groups
for number, (length, batch, inputs, outputs, kernel, *options) in enumerate(
    [
        (10, 3, 4, 6, 3, 1, 1, 1, 1),
        (17, 2, 5, 7, 4, 3, 2, 1, 1),
        (23, 1, 6, 4, 3, 1, 0, 4, 2),
        (11, 2, 6, 12, 5, 2, 3, 2, 3),
        (1, 1, 1, 1, 1, 1, 0, 1, 1),
    ]
):
    x = random(batch, inputs, length)
    weight, bias = random(outputs, inputs // options[3], kernel), random(outputs)
    y = functional.conv1d(x, weight, bias, *options)
    record(f"conv1d.{number}", options, x, y, {"weight": weight, "bias": bias})

# window, stride, padding
for number, options in enumerate([(2, 2, 0), (3, 1, 1), (3, 2, 0), (5, 3, 2), (2, 3, 1)]):
    for name, pool in [("max", functional.max_pool1d), ("average", functional.avg_pool1d)]:
        x = random(3, 5, 13)
        record(f"{name}_pool1d.{number}", options, x, pool(x, *options), {})

save_file(tensors, Path(__file__).with_suffix(".safetensors"))
