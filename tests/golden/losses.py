"""Writes losses.safetensors: PyTorch's losses and the gradients of their logits, with class weights,
example weights and label smoothing. Run: python tests/golden/losses.py"""

import pathlib

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

torch.manual_seed(2)
torch.set_num_threads(1)
out = {}


def random(*shape):
    return torch.empty(shape, dtype=torch.float64).uniform_(-1, 1)


def put(name, tensor):
    out[name] = tensor.detach().clone().contiguous()


def put_loss(name, logits, loss_of):
    z = logits.clone().requires_grad_()
    loss = loss_of(z)
    loss.backward()
    put(f"{name}.loss", loss.reshape(1))
    put(f"{name}.logits_grad", z.grad)


BATCH, CLASSES, SMOOTHING = 13, 6, 0.1
logits, labels = 5 * random(BATCH, CLASSES), torch.randint(CLASSES, (BATCH,))
class_weights, example_weights = random(CLASSES).abs() + 0.1, random(BATCH).abs() + 0.1
answers = torch.randint(2, (BATCH, CLASSES))
two_labels, two_weights = torch.randint(2, (BATCH,)), random(2).abs() + 0.1
put("logits", logits)
put("class_weights", class_weights)
put("two_weights", two_weights)
put("example_weights", example_weights)
put("labels", labels.to(torch.int32))
put("two_labels", two_labels.to(torch.int32))
put("answers", answers.to(torch.int32))

# Cross-entropy. An example weight multiplies what PyTorch gives for that example alone.
put_loss("cross_entropy.smoothed", logits,
         lambda z: F.cross_entropy(z, labels, label_smoothing=SMOOTHING))
put_loss("cross_entropy.smoothed_weighted", logits,
         lambda z: F.cross_entropy(z, labels, weight=class_weights, label_smoothing=SMOOTHING))
put_loss("cross_entropy.example_weights", logits,
         lambda z: (F.cross_entropy(z, labels, weight=class_weights, label_smoothing=SMOOTHING,
                                    reduction="none") * example_weights).sum()
         / (class_weights[labels] * example_weights).sum())

# One logit for two classes.
def binary(z, weights=None, smoothing=0.0):
    t = two_labels.double().reshape(-1, 1)
    t = t * (1 - smoothing) + smoothing / 2
    weights = torch.ones(BATCH) if weights is None else weights
    each = F.binary_cross_entropy_with_logits(z, t, reduction="none")[:, 0]
    return (each * weights).sum() / weights.sum()


put_loss("binary.plain", logits[:, :1], binary)
put_loss("binary.smoothed", logits[:, :1], lambda z: binary(z, smoothing=SMOOTHING))
put_loss("binary.weighted", logits[:, :1],
         lambda z: binary(z, two_weights[two_labels] * example_weights))

# Several labels.
put_loss("multi_label.plain", logits,
         lambda z: F.binary_cross_entropy_with_logits(z, answers.double()))
put_loss("multi_label.example_weights", logits,
         lambda z: (F.binary_cross_entropy_with_logits(z, answers.double(), reduction="none")
                    * example_weights[:, None]).sum() / (CLASSES * example_weights.sum()))

# Hinge.
put_loss("hinge.plain", logits, lambda z: F.multi_margin_loss(z, labels))
put_loss("hinge.weighted", logits,
         lambda z: F.multi_margin_loss(z, labels, weight=class_weights, reduction="sum")
         / class_weights[labels].sum())

# The loss of the mean logits of each group of at least two rows as three tenths of the whole.
groups = torch.tensor([0, 3, 0, 1, 4, 3, 3, 7, 1, 0, 5, 6, 2])
group_labels = torch.tensor([2, 5, 1, 0, 3, 4, 1, 2])[groups]
put("groups", groups.to(torch.int32))
put("group_labels", group_labels.to(torch.int32))


def with_groups(z):
    means, of = [], []
    for g in groups.unique():
        rows = groups == g
        if rows.sum() < 2:
            continue
        means.append(z[rows].mean(0))
        of.append(group_labels[rows][0])
    second = F.cross_entropy(torch.stack(means), torch.stack(of), label_smoothing=SMOOTHING)
    return 0.7 * F.cross_entropy(z, group_labels, label_smoothing=SMOOTHING) + 0.3 * second


put_loss("with_groups", logits, with_groups)
save_file(out, pathlib.Path(__file__).with_suffix(".safetensors"))
