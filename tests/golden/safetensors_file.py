"""Writes safetensors_file.safetensors with the Python package: one tensor of each type that
stroma reads, an empty one and a scalar. Run: python tests/golden/safetensors_file.py"""

import pathlib

import torch
from safetensors.torch import save_file

path = pathlib.Path(__file__).with_suffix(".safetensors")
save_file(
    {
        "conv1.weight": torch.arange(24, dtype=torch.float32).reshape(2, 4, 3) / 8,
        "double": torch.tensor([1 / 3, -2.5], dtype=torch.float64),
        "bytes": torch.tensor([0, 7, 255], dtype=torch.uint8),
        "int": torch.tensor([[-1, 2**31 - 1]], dtype=torch.int32),
        "long": torch.tensor([2**62, -3], dtype=torch.int64),
        "empty": torch.zeros(0, 5),
        "scalar": torch.tensor(1.5),
    },
    path,
    metadata={"format": "pt", "labels": '["psaA", "ψ"]'},
)
