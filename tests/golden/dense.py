"""Writes dense.safetensors: what PyTorch computes for a linear layer, cross-entropy, flattening, and
several steps of SGD, Adam and AdamW with StepLR and gradient clipping. Run: python
tests/golden/dense.py"""

import pathlib

import torch
from safetensors.torch import save_file

torch.manual_seed(1)
torch.set_num_threads(1)
out = {}


def put(name, tensor):
    out[name] = tensor.detach().clone().contiguous()


def random(*shape, dtype=torch.float64):
    return torch.empty(shape, dtype=dtype).uniform_(-1, 1)


# Linear, along the last dimension of three.
x, weight, bias = random(5, 3, 7), random(11, 7), random(11)
for tensor in (x, weight, bias):
    tensor.requires_grad_()
output = torch.nn.functional.linear(x, weight, bias)
output_grad = random(5, 3, 11)
output.backward(output_grad)
for name, tensor in dict(x=x, weight=weight, bias=bias).items():
    put(f"linear.{name}", tensor)
    put(f"linear.{name}_grad", tensor.grad)
put("linear.output", output)
put("linear.output_grad", output_grad)

# Cross-entropy, without and with class weights.
logits, labels = 5 * random(13, 6), torch.randint(6, (13,))
class_weights = random(6).abs() + 0.1
put("cross_entropy.logits", logits)
put("cross_entropy.labels", labels.to(torch.int32))
put("cross_entropy.class_weights", class_weights)
for name, weights in dict(plain=None, weighted=class_weights).items():
    z = logits.clone().requires_grad_()
    loss = torch.nn.functional.cross_entropy(z, labels, weight=weights)
    loss.backward()
    put(f"cross_entropy.{name}.loss", loss.reshape(1))
    put(f"cross_entropy.{name}.logits_grad", z.grad)

# Flatten; the sequence is stored time first.
sequence = random(3, 5, 7)  # [batch, channels, length]
put("flatten.sequence", sequence.permute(2, 0, 1))
put("flatten.output", torch.flatten(sequence, 1))

# Optimizers: parameters [3, 5] and [7] after each of six steps, with the same gradients for all.
# Learning rates are powers of two, which float32 holds exactly.
STEPS, SHAPES = 6, [(3, 5), (7,)]
initial = [random(*shape) for shape in SHAPES]
gradients = [[random(*shape) for shape in SHAPES] for _ in range(STEPS)]
for i in range(2):
    put(f"optimizer.initial.{i}", initial[i])
    for step in range(STEPS):
        put(f"optimizer.gradient.{step}.{i}", gradients[step][i])
cases = {
    "sgd": lambda p: torch.optim.SGD(p, lr=2**-4),
    "sgd_momentum": lambda p: torch.optim.SGD(p, lr=2**-4, momentum=0.9, weight_decay=0.1),
    "adam": lambda p: torch.optim.Adam(p, lr=2**-7),
    "adam_decay": lambda p: torch.optim.Adam(p, lr=2**-7, weight_decay=0.1),
    "adamw": lambda p: torch.optim.AdamW(p, lr=2**-7, weight_decay=0.1),
    "adam_clipped": lambda p: torch.optim.Adam(p, lr=2**-7),
    "sgd_clipped": lambda p: torch.optim.SGD(p, lr=2**-4),
}
for dtype in (torch.float64, torch.float32):
    for name, make in cases.items():
        parameters = [p.to(dtype).clone().requires_grad_() for p in initial]
        optimizer = make(parameters)
        schedule = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
        for step in range(STEPS):
            for parameter, gradient in zip(parameters, gradients[step]):
                parameter.grad = gradient.to(dtype).clone()
            if "clipped" in name:
                torch.nn.utils.clip_grad_norm_(parameters, 0.5)
            optimizer.step()
            schedule.step()
            for i, parameter in enumerate(parameters):
                put(f"optimizer.{str(dtype)[6:]}.{name}.{step}.{i}", parameter)

save_file(out, pathlib.Path(__file__).with_suffix(".safetensors"))
