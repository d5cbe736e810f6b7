"""Repeats trainings of stroma in PyTorch from nothing but what `stroma export` writes, and compares
the losses.

  python tests/golden/check_export.py build/release/bin/stroma

For each built-in model, on a made-up genome: a run whose epochs are one step each, so that
metrics.csv has the loss of every step, and a run of batches of 32, of which it has the mean of an
epoch; also one with copies that augmentation made. PyTorch begins with the exported initial weights,
takes the examples in the exported order and drops by the exported masks; losses must agree within
1e-5 relative. Weights are shown, not asked for: Adam's first steps divide each gradient by its own
size, so that one which is nothing but rounding moves its weight as far as any.

Needs torch, safetensors, numpy; it is not part of the test suite.
"""

import csv
import json
import pathlib
import subprocess
import sys
import tempfile

import torch
from safetensors import safe_open
from torch import nn
from torch.nn import functional

root = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(root / "bench" / "peers"))
from models_torch import MODELS  # noqa: E402

stroma = sys.argv[1]


def load(path):
    with safe_open(path, "pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, file.metadata()


def one_layer(lstm, number, weights):
    """Layer `number` of a module's LSTM alone: PyTorch draws its own masks between layers."""
    inputs = lstm.input_size if number == 0 else lstm.hidden_size * (2 if lstm.bidirectional else 1)
    layer = nn.LSTM(inputs, lstm.hidden_size, bidirectional=lstm.bidirectional, batch_first=True)
    names = {name: name.replace("_l0", f"_l{number}") for name in dict(layer.named_parameters())}
    layer.load_state_dict({name: weights["lstm." + theirs] for name, theirs in names.items()})
    return layer, {"lstm." + theirs: name for name, theirs in names.items()}


class Repeater:
    """A built-in model in training, with masks from outside."""

    def __init__(self, tensors, metadata):
        module, self.letters = MODELS[metadata["model"]]
        classes = len(json.loads(metadata["labels"]))
        weights = {name: tensors[name] for name in json.loads(metadata["weights"])}
        self.module = module(classes)
        self.module.load_state_dict(weights, strict=True)
        self.layers, self.places = [], []
        for number in range(self.module.lstm.num_layers):
            layer, places = one_layer(self.module.lstm, number, weights)
            self.layers.append(layer)
            self.places.append(places)
        self.probabilities = json.loads(metadata["dropout_probabilities"])
        self.others = {name: p for name, p in self.module.named_parameters()
                       if not name.startswith("lstm.")}

    def parameters(self):
        return list(self.others.values()) + [p for layer in self.layers for p in layer.parameters()]

    def state(self):
        found = {name: p.detach() for name, p in self.others.items()}
        for layer, places in zip(self.layers, self.places):
            own = dict(layer.named_parameters())
            found |= {theirs: own[name].detach() for theirs, name in places.items()}
        return found

    def dropped(self, x, name, masks):
        if masks is None:
            return x
        return x * masks[name] / (1 - self.probabilities[name])

    def logits(self, x, masks):
        """x [batch, length, letters]; masks by the layer's name, or None in evaluation."""
        m = self.module
        x = torch.relu(m.conv1(x.transpose(1, 2)))
        if hasattr(m, "fc3"):
            x = m.pool(torch.relu(m.conv2(x)))
        else:
            x = m.pool(torch.relu(m.conv2(m.pool(x))))
        x = x.transpose(1, 2)
        for number, layer in enumerate(self.layers):
            if number > 0:
                x = self.dropped(x, f"lstm_l{number - 1}", masks)
            x, _ = layer(x)
        x = torch.relu(m.fc1(x[:, -1]))
        last = max((name for name in self.probabilities if name.isdigit()), default=None)
        x = m.fc2(self.dropped(x, last, masks))
        return m.fc3(torch.relu(x)) if hasattr(m, "fc3") else x


def repeat(name, arguments, epochs, folder):
    run = pathlib.Path(folder, "run")
    subprocess.run([stroma, "train", f"{folder}/demo.gb", "--model", name, "--out", run, "--force",
                    "--quiet", "--device", "cpu", "--epochs", str(epochs), *arguments], check=True)
    export = pathlib.Path(folder, "export.safetensors")
    batch = json.loads((run / "config.json").read_text())["training"]["batch_size"]
    probe = [stroma, "export", run, "--initial", "--examples", "-o", export, "--quiet"]
    subprocess.run(probe, check=True)
    examples = len(load(export)[0]["split.train"])
    steps = -(-examples // batch) * epochs
    subprocess.run([stroma, "export", run, "--initial", "--order", str(epochs), "--steps",
                    f"1-{steps}", "-o", export, "--quiet"], check=True)
    tensors, metadata = load(export)
    training = json.loads(metadata["training"])

    codes = tensors["examples.codes"].long()
    letters = len(metadata["letters"])
    x = functional.one_hot(codes, letters + 1)[..., :letters].float()
    standardization = json.loads(metadata["standardization"])
    if standardization:
        mean = torch.tensor(standardization["mean"]).reshape(-1, letters)
        x = (x - mean) * torch.tensor(standardization["inverse_sd"]).reshape(-1, letters)
    labels = tensors["examples.labels"].long()
    class_weights = tensors.get("class_weights")

    model = Repeater(tensors, metadata)
    optimizer = torch.optim.Adam(model.parameters(), lr=training["learning_rate"])
    step, losses = 0, []
    for epoch, order in enumerate(tensors["order"].long()):
        if training["lr_step"]:
            rate = training["learning_rate"] * training["lr_gamma"] ** (epoch // training["lr_step"])
            for group in optimizer.param_groups:
                group["lr"] = rate
        total = 0.0
        for first in range(0, len(order), batch):
            step += 1
            chosen = order[first:first + batch]
            masks = {place: tensors[f"dropout.{place}.step_{step}"].float()
                     for place in model.probabilities}
            optimizer.zero_grad()
            loss = functional.cross_entropy(model.logits(x[chosen], masks), labels[chosen],
                                            weight=class_weights)
            loss.backward()
            optimizer.step()
            total += loss.item() * len(chosen)
        losses.append(total / len(order))

    table = list(csv.DictReader(open(run / "metrics.csv")))
    assert len(table) == len(losses) == epochs
    errors = [abs(loss / float(row["train_loss"]) - 1) for loss, row in zip(losses, table)]
    trained, _ = load(run / "model.safetensors")
    state = model.state()
    assert state.keys() == trained.keys()
    weights_error = max(((state[n] - trained[n]).abs().max() / trained[n].abs().max()).item()
                        for n in trained)
    test = tensors["split.test"].long()
    with torch.no_grad():
        p = torch.softmax(model.logits(x[test], None), 1)
    theirs = [[float(v) for v in row[3:]]
              for row in list(csv.reader(open(run / "predictions.csv")))[1:]]
    p_error = (p - torch.tensor(theirs)).abs().max().item()
    print(f"{name} {' '.join(arguments)}: {len(order)} examples, {step} steps, loss "
          f"{losses[0]:.6f} to {losses[-1]:.6f}; largest relative difference of a loss "
          f"{max(errors):.1e}, of a weight {weights_error:.1e}; of a probability of the test part "
          f"{p_error:.1e}", flush=True)
    assert max(errors) < 1e-5


with tempfile.TemporaryDirectory() as folder:
    subprocess.run([stroma, "simulate", "--genes", "12", "-o", f"{folder}/demo.gb", "--quiet"],
                   check=True)
    for name in MODELS:
        repeat(name, ["--batch-size", "1000000"], 12, folder)
        repeat(name, [], 1, folder)
    repeat("cnn-lstm-dna", ["--augment", "reverse_complement"], 1, folder)
print("all agree")
