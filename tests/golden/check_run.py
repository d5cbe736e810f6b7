"""Checks a finished run of a built-in model against PyTorch and scikit-learn.

  python tests/golden/check_run.py build/release/bin/stroma RUN WINDOWS.csv

1. model.safetensors loads into the PyTorch module with load_state_dict(strict=True).
2. PyTorch's logits of 1,000 windows of WINDOWS.csv (`WINDOW, LABEL` lines) agree with the
   probabilities that `stroma predict` gives, within 1e-4 relative on logits up to their common shift.
3. The reverse: weights that PyTorch drew and saved give the same predictions in stroma.
4. The figures of metrics.json are those of scikit-learn on predictions.csv, within 1e-9.

Needs torch, safetensors, numpy, scikit-learn; it is not part of the test suite.
"""

import csv
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from sklearn import metrics

root = pathlib.Path(__file__).parents[2]
sys.path.insert(0, str(root / "bench" / "peers"))
from models_torch import MODELS  # noqa: E402

stroma, run, windows_path = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
config = json.loads((run / "config.json").read_text())
name = next(line for line in config["model"].splitlines() if line.startswith("name")).split('"')[1]
module, letters_count = MODELS[name]
alphabet = "ACGT" if letters_count == 4 else "ACDEFGHIKLMNPQRSTVWY"
labels = config["labels"]

rows = [line.split(", ") for line in open(windows_path).read().splitlines()]
rows = rows[:: max(1, len(rows) // 1000)][:1000]
x = np.zeros((len(rows), config["length"], letters_count))
for n, (window, _) in enumerate(rows):
    for p, letter in enumerate(window):
        if letter in alphabet:
            x[n, p, alphabet.index(letter)] = 1
if config["standardization"]:
    shape = (config["length"], letters_count)
    mean = np.array(config["standardization"]["mean"]).reshape(shape)
    x = (x - mean) * np.array(config["standardization"]["inverse_sd"]).reshape(shape)
x = torch.tensor(x, dtype=torch.float32)


def read_predictions(path):
    with open(path, newline="") as file:
        table = list(csv.reader(file))
    header, body = table[0], table[1:]
    assert header == ["id", "true", "predicted"] + ["p_" + label for label in labels]
    return [row[1] for row in body], [row[2] for row in body], np.array(
        [[float(p) for p in row[3:]] for row in body])


def compare(model, directory, what):
    with tempfile.TemporaryDirectory() as folder:
        data, out = pathlib.Path(folder, "windows.csv"), pathlib.Path(folder, "out.csv")
        data.write_text("".join(f"{window}, {label}\n" for window, label in rows))
        subprocess.run([stroma, "predict", str(directory), str(data), "-o", str(out), "--quiet"],
                       check=True)
        _, predicted, probabilities = read_predictions(out)
    with torch.no_grad():
        logits = model.eval().double()(x.double()).numpy()
    # log p differs from the logits by one number a row.
    ours = np.log(np.maximum(probabilities, 1e-300))
    seen = probabilities > 1e-30
    shift = (ours - logits)[np.arange(len(rows)), probabilities.argmax(1)][:, None]
    error = np.abs(ours - shift - logits)[seen] / np.abs(logits).max()
    print(f"{what}: {len(rows)} windows, largest difference of logits {error.max():.2e} relative")
    assert error.max() < 1e-4
    best = np.take_along_axis(logits, np.array([[labels.index(p)] for p in predicted]), 1)[:, 0]
    assert (logits.max(1) - best < 1e-4 * np.abs(logits).max()).all()


model = module(len(labels))
model.load_state_dict(load_file(run / "model.safetensors"), strict=True)
compare(model, run, "stroma's weights in PyTorch")

with tempfile.TemporaryDirectory() as folder:
    other = pathlib.Path(folder, "run")
    shutil.copytree(run, other)
    torch.manual_seed(11)
    model = module(len(labels))
    save_file(model.state_dict(), other / "model.safetensors")
    compare(model, other, "PyTorch's weights in stroma")

true, predicted, p = read_predictions(run / "predictions.csv")
test = json.loads((run / "metrics.json").read_text())["test"]
index = {label: i for i, label in enumerate(labels)}
t, q = np.array([index[label] for label in true]), np.array([index[label] for label in predicted])
assert (q == p.argmax(1)).all()
present = sorted(set(t))
one_hot = t[:, None] == np.arange(len(labels))
expected = {"loss": metrics.log_loss(t, p, labels=range(len(labels))),
            "accuracy": metrics.accuracy_score(t, q),
            "macro_auc_pr": np.mean([metrics.average_precision_score(one_hot[:, c], p[:, c])
                                     for c in present]),
            "macro_auc_roc": np.mean([metrics.roc_auc_score(one_hot[:, c], p[:, c])
                                      for c in present]),
            "pearson_r": np.corrcoef(t, q)[0, 1]}
found = dict(test)
for average in ("macro", "weighted"):
    scores = metrics.precision_recall_fscore_support(t, q, average=average, zero_division=0)
    for key, score in zip(("precision", "recall", "f1"), scores):
        expected[f"{average} {key}"] = score
        found[f"{average} {key}"] = test[average][key]
for key, value in expected.items():
    print(f"{key}: {found[key]:.12f} scikit-learn {value:.12f}")
    assert abs(found[key] - value) < 1e-9, key
print("all agree")
