"""Writes conv_same.safetensors: PyTorch's convolutions with padding="same", of odd and even kernels,
in the form of conv.py's cases; the options are dilation and groups.
Run: python tests/golden/conv_same.py"""

import pathlib

import torch
from safetensors.torch import save_file
from torch.nn import functional

torch.manual_seed(8)
tensors = {}


def time_major(x):
    return x.detach().permute(2, 0, 1).contiguous()


# length, in, out, kernel, dilation, groups
for number, (length, inputs, outputs, kernel, *options) in enumerate(
    [(10, 4, 6, 3, 1, 1), (9, 4, 6, 4, 1, 1), (11, 6, 4, 4, 3, 2), (3, 2, 3, 8, 1, 1), (1, 1, 1, 2, 1, 1)]
):
    x = torch.randn(3, inputs, length, dtype=torch.float64).requires_grad_()
    weight = torch.randn(outputs, inputs // options[1], kernel, dtype=torch.float64).requires_grad_()
    bias = torch.randn(outputs, dtype=torch.float64).requires_grad_()
    y = functional.conv1d(x, weight, bias, padding="same", dilation=options[0], groups=options[1])
    output_grad = torch.randn_like(y)
    y.backward(output_grad)
    case = {
        "options": torch.tensor(options),
        "input": time_major(x),
        "output": time_major(y),
        "output_grad": time_major(output_grad),
        "input_grad": time_major(x.grad),
        "weight": weight.detach(),
        "weight_grad": weight.grad,
        "bias": bias.detach(),
        "bias_grad": bias.grad,
    }
    tensors |= {f"conv1d.{number}.{key}": value for key, value in case.items()}
save_file(tensors, pathlib.Path(__file__).with_suffix(".safetensors"))
