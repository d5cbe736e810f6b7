"""Writes activation.safetensors: PyTorch's ELU, softplus and GELU and their gradients.
Run: python tests/golden/activation.py"""

import pathlib

import torch
from safetensors.torch import save_file
from torch.nn import functional

torch.manual_seed(6)
tensors = {}
for name, function in {
    "elu": lambda x: functional.elu(x, 0.7),
    "softplus": functional.softplus,
    "gelu": functional.gelu,
    "gelu_tanh": lambda x: functional.gelu(x, approximate="tanh"),
}.items():
    x = torch.empty(7, 3, 11, dtype=torch.float64).uniform_(-6, 6).requires_grad_()
    output = function(x)
    output_grad = torch.empty_like(output).uniform_(-1, 1)
    output.backward(output_grad)
    tensors |= {
        f"{name}.x": x.detach(),
        f"{name}.output": output.detach(),
        f"{name}.output_grad": output_grad,
        f"{name}.x_grad": x.grad,
    }
save_file(tensors, pathlib.Path(__file__).with_suffix(".safetensors"))
