"""Writes lstm.safetensors and recurrent.safetensors: PyTorch's LSTM; its RNN and GRU, and what each
direction of any of them ends with. Outputs and gradients, for tests/layers/recurrent_test.cpp."""

import pathlib

import torch
from safetensors.torch import save_file
from torch.nn import GRU, LSTM, RNN

LSTM_CASES = {
    # name: module, length, batch, input, hidden, layers, bidirectional, output
    "both": (LSTM, 7, 3, 5, 4, 2, True, "all"),
    "both_last": (LSTM, 7, 3, 5, 4, 2, True, "last"),
    "forward": (LSTM, 5, 2, 3, 6, 1, False, "all"),
    "forward_last": (LSTM, 5, 2, 3, 6, 1, False, "last"),
    "one": (LSTM, 1, 1, 1, 1, 2, True, "last"),
}
OTHER_CASES = {
    "gru": (GRU, 7, 3, 5, 4, 2, True, "all"),
    "gru_last": (GRU, 5, 2, 3, 6, 1, False, "last"),
    "gru_final": (GRU, 7, 3, 5, 4, 2, True, "final"),
    "gru_one": (GRU, 1, 1, 1, 1, 2, True, "last"),
    "tanh": (RNN, 7, 3, 5, 4, 2, True, "all"),
    "tanh_last": (RNN, 6, 2, 3, 5, 1, True, "last"),
    "relu": (RNN, 7, 3, 5, 4, 2, True, "all"),
    "relu_final": (RNN, 5, 2, 3, 6, 1, True, "final"),
    "lstm_final": (LSTM, 7, 3, 5, 4, 2, True, "final"),
}


def write(file, seed, cases):
    torch.manual_seed(seed)
    tensors = {}
    for name, (module, length, batch, features, hidden, layers, both, output) in cases.items():
        more = {"nonlinearity": name.split("_")[0]} if module is RNN else {}
        layer = module(features, hidden, layers, bidirectional=both, **more).double()
        x = torch.randn(length, batch, features, dtype=torch.double, requires_grad=True)
        y, state = layer(x)
        if output == "last":
            y = y[-1]
        elif output == "final":
            h = state[0] if module is LSTM else state
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
    save_file(tensors, pathlib.Path(__file__).parent / f"{file}.safetensors")


write("lstm", 3, LSTM_CASES)
write("recurrent", 5, OTHER_CASES)
