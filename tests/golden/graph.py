"""Golden files of networks that are no chain, and of padded sequences.
Run: python tests/golden/graph.py

network_branched.safetensors, as network.py writes them: a joined pair of convolutions of the
letters, a shortcut around a third, a gate.
network_padded.safetensors: a batch of sequences of 1 to 300 letters. Logits and gradients "plain",
with the padding read as zeros, and "masked": every sequence through convolutions and pools alone,
and through the LSTMs as packed sequences."""

import pathlib

import torch
from network import write
from safetensors.torch import save_file
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence, pad_sequence

folder = pathlib.Path(__file__).parent

BRANCHED = """
name = "branched"
alphabet = "dna"
length = 40
layers = [
  {type = "conv1d", name = "narrow", out_channels = 3, kernel_size = 3, padding = 1},
  {type = "relu", name = "narrow_relu"},
  {type = "conv1d", name = "wide", inputs = ["input"], out_channels = 5, kernel_size = 9, padding = 4},
  {type = "concat", name = "both", inputs = ["narrow_relu", "wide"]},
  {type = "conv1d", name = "third", out_channels = 8, kernel_size = 3, padding = 1},
  {type = "relu", name = "bent"},
  {type = "add", name = "shortcut", inputs = ["both", "bent"]},
  {type = "relu"},
  {type = "max_pool1d", name = "pooled", kernel_size = 4},
  {type = "lstm", name = "walk", hidden_size = 8, output = "last"},
  {type = "sigmoid", name = "gate"},
  {type = "multiply", name = "gated", inputs = ["pooled", "gate"]},
  {type = "flatten", name = "flat"},
  {type = "concat", inputs = ["flat", "walk"]},
  {type = "linear", name = "out", out_features = "classes"},
]
"""


class Branched(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.narrow = nn.Conv1d(4, 3, 3, padding=1)
        self.wide = nn.Conv1d(4, 5, 9, padding=4)
        self.third = nn.Conv1d(8, 8, 3, padding=1)
        self.walk = nn.LSTM(8, 8, batch_first=True)
        self.out = nn.Linear(88, classes)

    def forward(self, x):  # [batch, letters, length]
        both = torch.cat([torch.relu(self.narrow(x)), self.wide(x)], dim=1)
        shortcut = torch.relu(both + torch.relu(self.third(both)))
        pooled = nn.functional.max_pool1d(shortcut, 4)
        walk = self.walk(pooled.transpose(1, 2))[0][:, -1]
        gated = pooled * torch.sigmoid(walk)[:, :, None]
        return self.out(torch.cat([gated.flatten(1), walk], dim=1))


PADDED = """
name = "padded"
alphabet = "dna"
length = 300
pad = "end"
layers = [
  {type = "conv1d", name = "c1", out_channels = 6, kernel_size = 5, padding = 2},
  {type = "relu"},
  {type = "max_pool1d", kernel_size = 3, stride = 2, padding = 1},
  {type = "conv1d", name = "c2", out_channels = 5, kernel_size = 3, padding = 1},
  {type = "sigmoid"},
  {type = "average_pool1d", kernel_size = 3, stride = 1, padding = 1},
  {type = "lstm", name = "l1", hidden_size = 4, num_layers = 2, bidirectional = true},
  {type = "lstm", name = "l2", hidden_size = 3, bidirectional = true, output = "last"},
  {type = "linear", name = "out", out_features = "classes"},
]
"""


class Padded(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.c1 = nn.Conv1d(4, 6, 5, padding=2)
        self.c2 = nn.Conv1d(6, 5, 3, padding=1)
        self.l1 = nn.LSTM(5, 4, 2, batch_first=True, bidirectional=True)
        self.l2 = nn.LSTM(8, 3, batch_first=True, bidirectional=True)
        self.out = nn.Linear(6, classes)

    def convolved(self, x):  # [batch, letters, length] to [batch, positions, channels]
        x = nn.functional.max_pool1d(torch.relu(self.c1(x)), 3, 2, 1)
        x = nn.functional.avg_pool1d(torch.sigmoid(self.c2(x)), 3, 1, 1)
        return x.transpose(1, 2)

    def plain(self, padded):
        return self.out(self.l2(self.l1(self.convolved(padded))[0])[0][:, -1])

    def masked(self, padded, lengths):
        alone = [self.convolved(x[None, :, :n])[0] for x, n in zip(padded, lengths)]
        left = torch.tensor([len(x) for x in alone])
        packed = pack_padded_sequence(pad_sequence(alone, True), left, True, enforce_sorted=False)
        y, _ = pad_packed_sequence(self.l2(self.l1(packed)[0])[0], True)
        return self.out(y[torch.arange(len(left)), left - 1])


def write_padded(path, classes=3, length=300):
    lengths = torch.tensor([300, 1, 2, 3, 5, 8, 17, 40, 99, 150, 211, 299], dtype=torch.int32)
    batch = len(lengths)
    codes = torch.randint(0, 4, (batch, length), dtype=torch.uint8)
    for row, n in zip(codes, lengths):
        row[n:] = 4  # no letter
    labels = torch.randint(0, classes, (batch,), dtype=torch.int32)
    one_hot = nn.functional.one_hot(codes.long(), 5)[..., :4].double().transpose(1, 2)
    module = Padded(classes)
    tensors = {"codes": codes.flatten(), "lengths": lengths, "labels": labels}
    tensors["starts"] = torch.arange(batch) * length
    tensors |= {f"weight.{k}": v.clone() for k, v in module.state_dict().items()}
    module = module.double()
    for kind in ("plain", "masked"):
        module.zero_grad()
        logits = module.plain(one_hot) if kind == "plain" else module.masked(one_hot, lengths)
        nn.functional.cross_entropy(logits, labels.long()).backward()
        tensors[f"{kind}.logits"] = logits.detach()
        tensors |= {f"{kind}.grad.{k}": v.grad.clone() for k, v in module.named_parameters()}
    save_file(tensors, path, metadata={"spec": PADDED})


if __name__ == "__main__":
    torch.manual_seed(4)
    write(folder / "network_branched.safetensors", Branched(5), BRANCHED, 4, False, 6, 5)
    write_padded(folder / "network_padded.safetensors")
