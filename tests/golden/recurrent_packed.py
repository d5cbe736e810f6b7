"""Writes lstm_packed, gru_packed and rnn_packed.safetensors: two bidirectional layers of PyTorch's over
packed sequences of 1 to 300 positions, output and gradients, and of GRU and RNN what each direction
ends with, for tests/layers/recurrent_lengths_test.cpp."""

import pathlib

import torch
from safetensors.torch import save_file
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

lengths = torch.tensor([17, 300, 1, 299, 64], dtype=torch.int32)
length, batch, features, hidden = 300, len(lengths), 3, 2


def write(name, module):
    layer = module(features, hidden, num_layers=2, bidirectional=True).double()
    # Floats, which take half the room.
    x = torch.randn(length, batch, features).double().requires_grad_()
    weights = torch.randn(length, batch, 2 * hidden)
    packed, state = layer(pack_padded_sequence(x, lengths.long(), enforce_sorted=False))
    y, _ = pad_packed_sequence(packed)
    (y * weights).sum().backward()
    tensors = {
        "lengths": lengths,
        "input": x.detach().float(),
        "input_grad": x.grad,
        "output": y.detach(),
        "output_grad": weights,
    }
    if module is not torch.nn.LSTM:
        tensors["final"] = torch.cat([state[-2], state[-1]], 1).detach()
    for parameter, value in layer.named_parameters():
        tensors[parameter] = value.detach()
        tensors[f"{parameter}_grad"] = value.grad
    tensors = {key: value.clone().contiguous() for key, value in tensors.items()}
    save_file(tensors, pathlib.Path(__file__).parent / f"{name}_packed.safetensors")


torch.manual_seed(4)
write("lstm", torch.nn.LSTM)
torch.manual_seed(6)
write("gru", torch.nn.GRU)
write("rnn", torch.nn.RNN)
