"""Writes recurrent.safetensors: PyTorch's RNN and GRU, and what each direction of any of them ends
with, outputs and gradients, for tests/layers/recurrent_test.cpp; lstm.py has more of the LSTM."""

import pathlib

import torch
from safetensors.torch import save_file

torch.manual_seed(5)
tensors = {}
CASES = {
    # name: module, length, batch, input, hidden, layers, bidirectional, output
    "gru": (torch.nn.GRU, 7, 3, 5, 4, 2, True, "all"),
    "gru_last": (torch.nn.GRU, 5, 2, 3, 6, 1, False, "last"),
    "gru_final": (torch.nn.GRU, 7, 3, 5, 4, 2, True, "final"),
    "gru_one": (torch.nn.GRU, 1, 1, 1, 1, 2, True, "last"),
    "tanh": (torch.nn.RNN, 7, 3, 5, 4, 2, True, "all"),
    "tanh_last": (torch.nn.RNN, 6, 2, 3, 5, 1, True, "last"),
    "relu": (torch.nn.RNN, 7, 3, 5, 4, 2, True, "all"),
    "relu_final": (torch.nn.RNN, 5, 2, 3, 6, 1, True, "final"),
    "lstm_final": (torch.nn.LSTM, 7, 3, 5, 4, 2, True, "final"),
}
for name, (module, length, batch, features, hidden, layers, both, output) in CASES.items():
    more = {"nonlinearity": name.split("_")[0]} if module is torch.nn.RNN else {}
    layer = module(features, hidden, layers, bidirectional=both, **more).double()
    x = torch.randn(length, batch, features, dtype=torch.double, requires_grad=True)
    y, state = layer(x)
    if output == "last":
        y = y[-1]
    elif output == "final":
        h = state[0] if module is torch.nn.LSTM else state
        y = torch.cat([h[-2], h[-1]], 1)
    weights = torch.randn_like(y)
    (y * weights).sum().backward()
    tensors[f"{name}.input"] = x.detach()
    tensors[f"{name}.input_grad"] = x.grad
    tensors[f"{name}.output"] = y.detach()
    tensors[f"{name}.output_grad"] = weights
    for parameter, value in layer.named_parameters():
        tensors[f"{name}.{parameter}"] = value.detach()
        tensors[f"{name}.{parameter}_grad"] = value.grad
tensors = {key: value.clone().contiguous() for key, value in tensors.items()}
save_file(tensors, pathlib.Path(__file__).parent / "recurrent.safetensors")
