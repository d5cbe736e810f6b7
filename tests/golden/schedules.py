"""Writes schedules.safetensors: the learning rates of PyTorch's schedules, an epoch or a step each.
Run: python tests/golden/schedules.py"""

import pathlib

import torch
from safetensors.torch import save_file
from torch.optim import lr_scheduler

EPOCHS = 30
LOSSES = [2.0, 1.5, 1.4, 1.39995, 1.41, 1.6, 1.39990, 1.2, 1.3, 1.3, 1.25, 1.19999, 1.3, 1.3, 1.3,
          1.3, 1.3, 1.3, 1.3, 1.3, 1.1, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3, 1.3]


def rates(make, count, losses=None, rate=0.01):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=rate)
    schedule = make(optimizer)
    found = []
    for i in range(count):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if i + 1 < count:
            schedule.step(losses[i]) if losses else schedule.step()
    return torch.tensor(found, dtype=torch.float64)


out = {
    "losses": torch.tensor(LOSSES, dtype=torch.float64),
    "step": rates(lambda o: lr_scheduler.StepLR(o, 4, 0.7), EPOCHS),
    "exponential": rates(lambda o: lr_scheduler.ExponentialLR(o, 0.9), EPOCHS),
    "cosine": rates(lambda o: lr_scheduler.CosineAnnealingLR(o, EPOCHS, 1e-4), EPOCHS),
    "plateau": rates(lambda o: lr_scheduler.ReduceLROnPlateau(o, factor=0.5, patience=2,
                                                              min_lr=2e-3), EPOCHS, LOSSES),
}
for steps in (7, 10, 100, 1001):
    for rise in (0.3, 0.5):
        out[f"one_cycle.{steps}.{rise}"] = rates(
            lambda o: lr_scheduler.OneCycleLR(o, 0.01, total_steps=steps, pct_start=rise,
                                              cycle_momentum=False), steps)
save_file(out, pathlib.Path(__file__).with_suffix(".safetensors"))
