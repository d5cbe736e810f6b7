"""Writes leaky_relu.safetensors: PyTorch's leaky_relu and its gradient.
Run: python tests/golden/leaky_relu.py"""

import pathlib

import torch
from safetensors.torch import save_file

torch.manual_seed(1)
x = torch.empty(7, 3, 11, dtype=torch.float64).uniform_(-2, 2).requires_grad_()
output = torch.nn.functional.leaky_relu(x, 0.2)
output_grad = torch.empty_like(output).uniform_(-1, 1)
output.backward(output_grad)
save_file(
    {
        "x": x.detach(),
        "output": output.detach(),
        "output_grad": output_grad,
        "x_grad": x.grad,
    },
    pathlib.Path(__file__).with_suffix(".safetensors"),
)
