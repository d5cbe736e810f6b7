"""Writes gru_packed.safetensors and rnn_packed.safetensors: two bidirectional layers of PyTorch's GRU
and RNN over packed sequences of 1 to 300 positions, output, gradients and what each direction ends
with, for tests/layers/recurrent_lengths_test.cpp; lstm_packed.py has those of the LSTM."""

import pathlib

import torch
from safetensors.torch import save_file
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.manual_seed(6)
lengths = torch.tensor([17, 300, 1, 299, 64], dtype=torch.int32)
length, batch, features, hidden = 300, len(lengths), 3, 2
for name, module in {"gru": torch.nn.GRU, "rnn": torch.nn.RNN}.items():
    layer = module(features, hidden, num_layers=2, bidirectional=True).double()
    # Floats, which take half the room.
    x = torch.randn(length, batch, features).double().requires_grad_()
    weights = torch.randn(length, batch, 2 * hidden)
    packed, h = layer(pack_padded_sequence(x, lengths.long(), enforce_sorted=False))
    y, _ = pad_packed_sequence(packed)
    (y * weights).sum().backward()
    tensors = {
        "lengths": lengths,
        "input": x.detach().float(),
        "input_grad": x.grad,
        "output": y.detach(),
        "output_grad": weights,
        "final": torch.cat([h[-2], h[-1]], 1).detach(),
    }
    for parameter, value in layer.named_parameters():
        tensors[parameter] = value.detach()
        tensors[f"{parameter}_grad"] = value.grad
    tensors = {key: value.clone().contiguous() for key, value in tensors.items()}
    save_file(tensors, pathlib.Path(__file__).parent / f"{name}_packed.safetensors")
