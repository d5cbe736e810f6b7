"""Writes network_shared.safetensors, as network.py does: a block with a shortcut and an attention to
channels and positions, whose weights are used twice (squeeze and excitation, Hu et al. 2018), as
published CNN-RNN models have it, and normalisation. Run: python tests/golden/shared.py"""

import pathlib

import torch
from network import write
from torch import nn
from torch.nn import functional

SPEC = """
name = "shared"
alphabet = "dna"
length = 40
layers = [
  {type = "conv1d", name = "conv", out_channels = 8, kernel_size = 4, padding = "same"},
  {type = "relu"},
  {type = "batch_norm1d", name = "norm"},
  {type = "max_pool1d", name = "pooled", kernel_size = 2},
  {type = "conv1d", name = "short", inputs = ["input"], out_channels = 8, kernel_size = 1},
  {type = "batch_norm1d", name = "short_norm"},
  {type = "crop", name = "cut", inputs = ["short_norm", "pooled"]},
  {type = "add", name = "block", inputs = ["pooled", "cut"]},
  {type = "global_average_pool1d"},
  {type = "linear", name = "squeeze", out_features = 2, bias = false},
  {type = "relu"},
  {type = "linear", name = "excite", out_features = 8, bias = false},
  {type = "sigmoid", name = "of_mean"},
  {type = "global_max_pool1d", inputs = ["block"]},
  {type = "linear", shares = "squeeze"},
  {type = "relu"},
  {type = "linear", shares = "excite"},
  {type = "sigmoid", name = "of_maximum"},
  {type = "add", name = "channels", inputs = ["of_mean", "of_maximum"]},
  {type = "channel_mean", name = "positions", inputs = ["block"]},
  {type = "multiply", name = "by_channel", inputs = ["block", "channels"]},
  {type = "multiply", inputs = ["by_channel", "positions"]},
  {type = "layer_norm", name = "rows"},
  {type = "linear", name = "each", out_features = 6},
  {type = "gelu"},
  {type = "conv1d", name = "twice", out_channels = 6, kernel_size = 3, padding = "same"},
  {type = "elu"},
  {type = "conv1d", shares = "twice"},
  {type = "softplus"},
  {type = "flatten"},
  {type = "linear", name = "out", out_features = "classes"},
]
"""


class Shared(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.conv = nn.Conv1d(4, 8, 4, padding="same")
        self.norm = nn.BatchNorm1d(8)
        self.short = nn.Conv1d(4, 8, 1)
        self.short_norm = nn.BatchNorm1d(8)
        self.squeeze = nn.Linear(8, 2, bias=False)
        self.excite = nn.Linear(2, 8, bias=False)
        self.rows = nn.LayerNorm(8)
        self.each = nn.Linear(8, 6)
        self.twice = nn.Conv1d(6, 6, 3, padding="same")
        self.out = nn.Linear(120, classes)
        for norm in (self.norm, self.short_norm):
            norm.running_mean.uniform_(-1, 1)
            norm.running_var.uniform_(0.5, 2)
            norm.num_batches_tracked.fill_(7)

    def forward(self, x):  # [batch, letters, length]
        pooled = functional.max_pool1d(self.norm(torch.relu(self.conv(x))), 2)
        block = pooled + self.short_norm(self.short(x))[..., : pooled.shape[-1]]
        pooled_both = block.mean(-1), block.max(-1).values
        channels = sum(torch.sigmoid(self.excite(torch.relu(self.squeeze(v)))) for v in pooled_both)
        x = block * channels[..., None] * block.mean(1, keepdim=True)
        x = functional.gelu(self.each(self.rows(x.transpose(1, 2)))).transpose(1, 2)
        x = functional.softplus(self.twice(functional.elu(self.twice(x))))
        return self.out(x.flatten(1))


if __name__ == "__main__":
    torch.manual_seed(9)
    path = pathlib.Path(__file__).parent / "network_shared.safetensors"
    write(path, Shared(5), SPEC, 4, False, 6, 5)
