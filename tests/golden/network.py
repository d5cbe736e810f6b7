"""The two published models as PyTorch modules, and golden files of them with small layers:
weights, a batch of windows, logits, and the gradients of the cross-entropy with dropout off,
computed in float64 from float32 weights. Run: python tests/golden/network.py"""

import pathlib
import re

import torch
from safetensors.torch import save_file
from torch import nn

root = pathlib.Path(__file__).parents[2]


class CnnLstmDna(nn.Module):
    def __init__(self, classes, channels=(64, 128), hidden=128, features=(100, 80)):
        super().__init__()
        self.conv1 = nn.Conv1d(4, channels[0], 3, padding=1)
        self.conv2 = nn.Conv1d(channels[0], channels[1], 3, padding=1)
        self.pool = nn.MaxPool1d(2, 2)
        self.lstm = nn.LSTM(
            channels[1], hidden, 2, batch_first=True, dropout=0.3, bidirectional=True
        )
        self.fc1 = nn.Linear(2 * hidden, features[0])
        self.dropout = nn.Dropout(0.4)
        self.fc2 = nn.Linear(features[0], features[1])
        self.fc3 = nn.Linear(features[1], classes)

    def forward(self, x):  # [batch, letters, length]
        x = torch.relu(self.conv1(x))
        x = self.pool(torch.relu(self.conv2(x)))
        x = self.lstm(x.transpose(1, 2))[0][:, -1]
        x = self.dropout(torch.relu(self.fc1(x)))
        return self.fc3(torch.relu(self.fc2(x)))


class CnnLstmProtein(nn.Module):
    def __init__(self, classes, channels=(64, 128), hidden=64, features=64):
        super().__init__()
        self.conv1 = nn.Conv1d(20, channels[0], 3, padding=1)
        self.conv2 = nn.Conv1d(channels[0], channels[1], 3, padding=1)
        self.pool = nn.MaxPool1d(2)
        self.lstm = nn.LSTM(channels[1], hidden, batch_first=True)
        self.fc1 = nn.Linear(hidden, features)
        self.dropout = nn.Dropout(0.5)
        self.fc2 = nn.Linear(features, classes)

    def forward(self, x):  # [batch, letters, length]
        x = self.pool(torch.relu(self.conv1(x)))
        x = self.pool(torch.relu(self.conv2(x)))
        x = self.lstm(x.transpose(1, 2))[0][:, -1]
        return self.fc2(self.dropout(torch.relu(self.fc1(x))))


def write(path, module, spec, letters, standardize, batch, classes, sequence=400):
    """Windows of 40 letters into one sequence in which some letters are unknown."""
    length = 40
    codes = torch.randint(0, letters, (sequence,), dtype=torch.uint8)
    codes[torch.rand(sequence) < 0.02] = 255
    starts = torch.randint(0, sequence - length + 1, (batch,))
    labels = torch.randint(0, classes, (batch,), dtype=torch.int32)
    windows = torch.stack([codes[s : s + length] for s in starts]).long()
    one_hot = nn.functional.one_hot(windows.clamp(max=letters), letters + 1)[..., :letters].double()
    tensors = {"codes": codes, "starts": starts, "labels": labels}
    if standardize:
        mean = torch.rand(length, letters) * 0.5
        inverse_sd = 1 + torch.rand(length, letters)
        one_hot = (one_hot - mean.double()) * inverse_sd.double()
        tensors |= {"mean": mean, "inverse_sd": inverse_sd}
    tensors |= {f"weight.{k}": v.clone() for k, v in module.state_dict().items()}
    module = module.double().eval()
    logits = module(one_hot.transpose(1, 2))
    nn.functional.cross_entropy(logits, labels.long()).backward()
    tensors["logits"] = logits.detach()
    tensors |= {f"grad.{k}": v.grad for k, v in module.named_parameters()}
    save_file(tensors, path, metadata={"spec": spec})


def spec_with(name, sizes):
    """The built-in spec with the size of each named layer replaced."""
    text = (root / f"layers/models/{name}.toml").read_text()
    for layer, size in sizes.items():
        text, count = re.subn(
            rf'(name = "{layer}"\n\w+ = )\d+', rf"\g<1>{size}", text, count=1
        )
        assert count == 1, layer
    return text


if __name__ == "__main__":
    torch.manual_seed(3)
    folder = pathlib.Path(__file__).parent
    write(
        folder / "network_dna.safetensors",
        CnnLstmDna(5, (8, 12), 10, (9, 7)),
        spec_with("cnn-lstm-dna", {"conv1": 8, "conv2": 12, "lstm": 10, "fc1": 9, "fc2": 7}),
        letters=4,
        standardize=True,
        batch=6,
        classes=5,
    )
    write(
        folder / "network_protein.safetensors",
        CnnLstmProtein(7, (6, 11), 9, 5),
        spec_with("cnn-lstm-protein", {"conv1": 6, "conv2": 11, "lstm": 9, "fc1": 5}),
        letters=20,
        standardize=False,
        batch=5,
        classes=7,
    )
