"""Writes aggregated.safetensors: what the built-in model `aggregated` gives in PyTorch, in double
precision. Its 25 million weights are not in the file but follow from their names and places, by
`weight` here and in tests/layers/network_aggregated_test.cpp. Run: python tests/golden/aggregated.py"""

import pathlib

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional

LETTERS, LENGTH, BATCH, CLASSES = 5, 40, 3, 7


def weight(name, shape):
    """Numbers that look random: parts of multiples of the golden ratio, beginning where the hash of
    the name says (FNV-1a), of variance 1 / inputs, so that a sum of
    so many is about as large as its terms."""
    start = 2166136261
    for letter in name.encode():
        start = (start ^ letter) * 16777619 % 2**32
    count = int(np.prod(shape))
    places = np.arange(count, dtype=np.uint64)
    parts = (places * np.uint64(2654435761) + np.uint64(start)) % np.uint64(2**32)
    numbers = parts.astype(np.float64) / 2**31 - 1
    width = 0.1 if len(shape) == 1 else (3 * shape[0] / count) ** 0.5
    middle = 1 if len(shape) == 1 and name.endswith("weight") else 0
    if name.endswith("running_var"):  # so small that what differs between examples is not lost
        width, middle = 0.01, 0.05
    return torch.tensor((numbers * width + middle).reshape(shape))


class Block(nn.Module):
    def __init__(self, inputs, channels, kernels):
        super().__init__()
        every = channels * len(kernels)
        self.kernels = kernels
        for k in kernels:
            setattr(self, f"conv{k}", nn.Conv1d(inputs, channels, k, padding="same"))
        self.norm = nn.BatchNorm1d(every)
        self.shortcut = nn.Conv1d(inputs, every, 1)
        self.shortcut_norm = nn.BatchNorm1d(every)
        self.squeeze = nn.Linear(every, every // 8, bias=False)
        self.excite = nn.Linear(every // 8, every)

    def channels(self, x):
        return torch.sigmoid(self.excite(functional.relu(self.squeeze(x))))

    def forward(self, x):  # [batch, channels, length]
        y = torch.cat([getattr(self, f"conv{k}")(x) for k in self.kernels], dim=1)
        y = functional.max_pool1d(self.norm(functional.relu(y)), 2)
        y = y + self.shortcut_norm(self.shortcut(x))[:, :, : y.shape[2]]
        channels = self.channels(y.mean(dim=2)) + self.channels(y.amax(dim=2))
        return y * channels[:, :, None] * y.mean(dim=1, keepdim=True)


class Aggregated(nn.Module):
    def __init__(self):
        super().__init__()
        self.block1 = Block(LETTERS, 128, [3])
        self.block2 = Block(128, 256, [3, 5, 7])
        self.block3 = Block(768, 512, [3, 5, 7])
        self.lstm = nn.LSTM(1536, 256, 2, bidirectional=True, batch_first=True)
        self.attention = nn.Sequential(nn.Linear(512, 256), nn.Tanh(), nn.Linear(256, 1))
        sizes = [512, 256, 512, 512]
        for i in (1, 2, 3):
            setattr(self, f"fc{i}", nn.Linear(sizes[i - 1], sizes[i]))
            setattr(self, f"norm{i}", nn.BatchNorm1d(sizes[i]))
        self.out = nn.Linear(512, CLASSES)

    def forward(self, x):
        x = self.block3(self.block2(self.block1(x))).transpose(1, 2)  # [batch, length, channels]
        length, channels = x.shape[1:]
        angles = torch.arange(length)[:, None] / 10000 ** (
            torch.arange(channels, dtype=torch.float64) // 2 * 2 / channels
        )
        even = torch.arange(channels) % 2 == 0
        x = x + torch.where(even, angles.sin(), angles.cos())
        x = self.lstm(x)[0]
        x = (functional.softmax(self.attention(x), dim=1) * x).sum(dim=1)
        for i in (1, 2, 3):
            x = functional.relu(getattr(self, f"norm{i}")(getattr(self, f"fc{i}")(x)))
        return self.out(x)


def main():
    torch.set_default_dtype(torch.float64)
    network = Aggregated().eval()
    with torch.no_grad():
        for name, tensor in network.state_dict().items():
            if not name.endswith("num_batches_tracked"):
                tensor.copy_(weight(name, tuple(tensor.shape)))
    codes = torch.tensor(np.random.default_rng(9).integers(0, LETTERS, (BATCH, LENGTH)))
    one_hot = functional.one_hot(codes, LETTERS).to(torch.float64).transpose(1, 2)
    with torch.no_grad():
        logits = network(one_hot)
    print(logits)
    parameters = sum(p.numel() for p in network.parameters())
    save_file(
        {
            "codes": codes.to(torch.uint8),
            "logits": logits,
            "parameters": torch.tensor([parameters], dtype=torch.int64),
        },
        pathlib.Path(__file__).parent / "aggregated.safetensors",
    )


if __name__ == "__main__":
    main()
