"""Writes lstm.safetensors: PyTorch's LSTM, outputs and gradients, for tests/layers/recurrent_test.cpp."""

import pathlib

import torch
from safetensors.torch import save_file

torch.manual_seed(3)
tensors = {}
CASES = {
    # name: length, batch, input, hidden, layers, bidirectional, last_only
    "both": (7, 3, 5, 4, 2, True, False),
    "both_last": (7, 3, 5, 4, 2, True, True),
    "forward": (5, 2, 3, 6, 1, False, False),
    "forward_last": (5, 2, 3, 6, 1, False, True),
    "one": (1, 1, 1, 1, 2, True, True),
}
for name, (length, batch, features, hidden, layers, both, last) in CASES.items():
    lstm = torch.nn.LSTM(features, hidden, layers, bidirectional=both).double()
    x = torch.randn(length, batch, features, dtype=torch.double, requires_grad=True)
    y, _ = lstm(x)
    if last:
        y = y[-1]
    weights = torch.randn_like(y)
    (y * weights).sum().backward()
    tensors[f"{name}.input"] = x.detach()
    tensors[f"{name}.input_grad"] = x.grad
    tensors[f"{name}.output"] = y.detach()
    tensors[f"{name}.output_grad"] = weights
    for parameter, value in lstm.named_parameters():
        tensors[f"{name}.{parameter}"] = value.detach()
        tensors[f"{name}.{parameter}_grad"] = value.grad
tensors = {key: value.clone().contiguous() for key, value in tensors.items()}
save_file(tensors, pathlib.Path(__file__).parent / "lstm.safetensors")
