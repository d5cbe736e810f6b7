"""Writes training.safetensors: a few steps of training in PyTorch, in float64, from given weights and
in a given order. A case is a model as TOML, the same as a PyTorch module, and what it is trained by.
Run: python tests/golden/training.py"""

import json
import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file
from torch import nn

torch.manual_seed(4)
torch.set_num_threads(1)
torch.set_default_dtype(torch.float64)

LENGTH, CLASSES, SEQUENCES, WINDOWS, BATCH, EPOCHS = 12, 3, 6, 4, 9, 2
codes = torch.randint(4, (SEQUENCES, LENGTH + WINDOWS - 1))
labels = torch.arange(SEQUENCES) % CLASSES
examples = [(s, offset) for s in range(SEQUENCES) for offset in range(WINDOWS)]
orders = torch.stack([torch.randperm(len(examples)) for _ in range(EPOCHS)])
example_weights = torch.empty(SEQUENCES).uniform_(0.5, 2)
class_weights = torch.tensor([0.5, 2.0, 1.25])
out = {
    "class_weights": class_weights.float(),
    "codes": codes.to(torch.uint8),
    "labels": labels.to(torch.int32),
    "orders": orders.to(torch.int32),
    "example_weights": example_weights.float(),
}
example_weights = example_weights.float().double()
specs = {}

HEAD = f"""name = "case"
alphabet = "dna"
length = {LENGTH}
[training]
epochs = {EPOCHS}
batch_size = {BATCH}
"""
CNN = """
[[layers]]
type = "conv1d"
name = "conv"
out_channels = 8
kernel_size = 3
[[layers]]
type = "tanh"
[[layers]]
type = "average_pool1d"
kernel_size = 2
[[layers]]
type = "flatten"
[[layers]]
type = "linear"
name = "out"
out_features = "classes"
"""


class Cnn(nn.Module):
    """[batch, 4, length] to logits."""

    def __init__(self, outputs):
        super().__init__()
        self.conv = nn.Conv1d(4, 8, 3)
        self.out = nn.Linear(8 * 5, outputs)

    def forward(self, x):
        return self.out(torch.flatten(F.avg_pool1d(torch.tanh(self.conv(x)), 2), 1))


def batch_of(numbers):
    picked = [examples[i] for i in numbers]
    windows = torch.stack([codes[s, o : o + LENGTH] for s, o in picked])
    return F.one_hot(windows, 4).double().transpose(1, 2), torch.tensor([s for s, _ in picked])


def as_float32(value):
    return value.float() if value.is_floating_point() else value


def weighted_mean(each, weights):
    return (each * weights).sum() / weights.sum()


def case(name, training, layers, module, loss_of, optimizer_of, schedule_of=None, clip=None,
         with_example_weights=False, with_class_weights=False):
    """`loss_of(logits, sequences)` gives the loss of the windows and that which is trained."""
    specs[name] = {"toml": HEAD + training + layers, "example_weights": with_example_weights,
                   "class_weights": with_class_weights}
    for key, value in module.state_dict().items():
        if value.is_floating_point():
            with torch.no_grad():
                value.copy_(value.float().double())  # what float32 holds
        out[f"{name}.before.{key}"] = as_float32(value).clone()
    optimizer = optimizer_of(module.parameters())
    schedule = schedule_of(optimizer) if schedule_of else None
    losses = []
    for order in orders.tolist():
        for first in range(0, len(order), BATCH):
            x, sequences = batch_of(order[first : first + BATCH])
            optimizer.zero_grad()
            of_windows, loss = loss_of(module(x), sequences)
            loss.backward()
            if clip:
                nn.utils.clip_grad_norm_(module.parameters(), clip)
            optimizer.step()
            if schedule:
                schedule.step()
            losses.append(of_windows.item())
    out[f"{name}.losses"] = torch.tensor(losses)
    for key, value in module.state_dict().items():
        out[f"{name}.after.{key}"] = value.detach().clone()


def plain(loss_of):
    def both(logits, sequences):
        loss = loss_of(logits, sequences)
        return loss, loss

    return both


def adam(parameters):
    return torch.optim.Adam(parameters, lr=2**-7)


def adamw(parameters):
    return torch.optim.AdamW(parameters, lr=2**-5, weight_decay=0.125)


def one_cycle(optimizer):
    steps = EPOCHS * -(-len(examples) // BATCH)
    return torch.optim.lr_scheduler.OneCycleLR(optimizer, 2**-5, total_steps=steps,
                                               cycle_momentum=False)


RATE = "learning_rate = 0.0078125\n"
WITH_ONE_CYCLE = """learning_rate = 0.03125
optimizer = "adamw"
weight_decay = 0.125
clip_norm = 0.25
lr_schedule = "one_cycle"
label_smoothing = 0.1
"""

case("weighted", RATE, CNN, Cnn(CLASSES),
     plain(lambda z, s: weighted_mean(F.cross_entropy(z, labels[s], reduction="none"),
                                      class_weights[labels[s]] * example_weights[s])),
     adam, with_example_weights=True, with_class_weights=True)
case("published", WITH_ONE_CYCLE, CNN, Cnn(CLASSES),
     plain(lambda z, s: F.cross_entropy(z, labels[s], weight=class_weights, label_smoothing=0.1)),
     adamw, one_cycle, clip=0.25, with_class_weights=True)


def grouped(z, s):
    of_windows = F.cross_entropy(z, labels[s], label_smoothing=0.1)
    several = [g for g in s.unique() if (s == g).sum() >= 2]
    means = torch.stack([z[s == g].mean(0) for g in several])
    of_sequences = F.cross_entropy(means, labels[torch.stack(several)], label_smoothing=0.1)
    return of_windows, 0.7 * of_windows + 0.3 * of_sequences


case("grouped", RATE + "label_smoothing = 0.1\nsequence_loss = 0.3\n", CNN, Cnn(CLASSES),
     grouped, adam)
case("hinge", RATE + 'loss = "hinge"\n', CNN, Cnn(CLASSES),
     plain(lambda z, s: F.multi_margin_loss(z, labels[s])), adam)
case("multi_label", RATE + 'loss = "multi_label"\n', CNN, Cnn(CLASSES),
     plain(lambda z, s: F.binary_cross_entropy_with_logits(z, F.one_hot(labels[s], 3).double())),
     adam)
case("binary", RATE + 'loss = "binary_cross_entropy"\n', CNN, Cnn(1),
     plain(lambda z, s: F.binary_cross_entropy_with_logits(z[:, 0], (labels[s] == 1).double())),
     adam)

NORMALISED = CNN.replace('''
[[layers]]
type = "tanh"
''', '''
[[layers]]
type = "batch_norm1d"
name = "norm"
[[layers]]
type = "tanh"
''')
RECURRENT = """
[[layers]]
type = "gru"
name = "gru"
hidden_size = 5
bidirectional = true
output = "last"
[[layers]]
type = "linear"
name = "out"
out_features = "classes"
"""
ATTENTIVE = """
[[layers]]
type = "conv1d"
name = "conv"
out_channels = 8
kernel_size = 3
[[layers]]
type = "multi_head_attention"
name = "attention"
num_heads = 2
[[layers]]
type = "layer_norm"
name = "norm"
[[layers]]
type = "attention_pool"
name = "pool"
hidden_size = 4
[[layers]]
type = "linear"
name = "out"
out_features = "classes"
"""


class Normalised(nn.Module):
    def __init__(self, outputs):
        super().__init__()
        self.conv = nn.Conv1d(4, 8, 3)
        self.norm = nn.BatchNorm1d(8)
        self.out = nn.Linear(8 * 5, outputs)

    def forward(self, x):
        x = torch.tanh(self.norm(self.conv(x)))
        return self.out(torch.flatten(F.avg_pool1d(x, 2), 1))


class Recurrent(nn.Module):
    def __init__(self, outputs):
        super().__init__()
        self.gru = nn.GRU(4, 5, bidirectional=True, batch_first=True)
        self.out = nn.Linear(10, outputs)

    def forward(self, x):
        return self.out(self.gru(x.transpose(1, 2))[0][:, -1])


class Attentive(nn.Module):
    def __init__(self, outputs):
        super().__init__()
        self.conv = nn.Conv1d(4, 8, 3)
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.norm = nn.LayerNorm(8)
        self.pool = nn.Sequential(nn.Linear(8, 4), nn.Tanh(), nn.Linear(4, 1))
        self.out = nn.Linear(8, outputs)

    def forward(self, x):
        x = self.conv(x).transpose(1, 2)
        x = self.norm(self.attention(x, x, x, need_weights=False)[0])
        return self.out((F.softmax(self.pool(x), dim=1) * x).sum(dim=1))


def sgd(parameters):
    return torch.optim.SGD(parameters, lr=2**-3, momentum=0.75)


# A bias before batch normalisation, or of scores before a softmax, has no gradient but by rounding,
# of which Adam would make whole steps.
WITH_SGD = """learning_rate = 0.125
optimizer = "sgd"
momentum = 0.75
"""
for name, training, layers, module, optimizer in (
    ("batch_norm", WITH_SGD, NORMALISED, Normalised(CLASSES), sgd),
    ("gru", RATE, RECURRENT, Recurrent(CLASSES), adam),
    ("attention", WITH_SGD, ATTENTIVE, Attentive(CLASSES), sgd),
):
    case(name, training, layers, module, plain(lambda z, s: F.cross_entropy(z, labels[s])),
         optimizer)

save_file(out, pathlib.Path(__file__).with_suffix(".safetensors"),
          metadata={"cases": json.dumps(specs)})
