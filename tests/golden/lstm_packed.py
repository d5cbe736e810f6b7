"""Writes lstm_packed.safetensors: PyTorch's LSTM over packed sequences of 1 to 300 positions, output
and gradients, for tests/layers/recurrent_lengths_test.cpp."""

import pathlib

import torch
from safetensors.torch import save_file
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

torch.manual_seed(4)
lengths = torch.tensor([17, 300, 1, 299, 64], dtype=torch.int32)
length, batch, features, hidden = 300, len(lengths), 3, 2
lstm = torch.nn.LSTM(features, hidden, num_layers=2, bidirectional=True).double()
# Floats, which take half the room.
x = torch.randn(length, batch, features).double().requires_grad_()
weights = torch.randn(length, batch, 2 * hidden)
packed, _ = lstm(pack_padded_sequence(x, lengths.long(), enforce_sorted=False))
y, _ = pad_packed_sequence(packed)
(y * weights).sum().backward()
tensors = {
    "lengths": lengths,
    "input": x.detach().float(),
    "input_grad": x.grad,
    "output": y.detach(),
    "output_grad": weights,
}
for name, value in lstm.named_parameters():
    tensors[name] = value.detach()
    tensors[f"{name}_grad"] = value.grad
tensors = {key: value.clone().contiguous() for key, value in tensors.items()}
save_file(tensors, pathlib.Path(__file__).parent / "lstm_packed.safetensors")
