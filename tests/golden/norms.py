"""Writes batch_norm1d.safetensors and layer_norm.safetensors: what PyTorch computes in float64, in
Stroma's layout [length, batch, channels], forward and backward. Run: python tests/golden/norms.py

A masked batch is normalised over the positions before its lengths alone: PyTorch is given those rows
and no others."""

import pathlib

import torch
from safetensors.torch import save_file
from torch import nn

folder = pathlib.Path(__file__).parent
torch.manual_seed(5)


def random(*shape):
    return torch.empty(*shape, dtype=torch.float64).uniform_(-2, 2)


def results(module, x, rows):
    """The module on x[rows], zeros elsewhere, and its gradients."""
    x.requires_grad_()
    output = torch.zeros_like(x).masked_scatter(rows[..., None], module(x[rows]))
    output_grad = random(*x.shape)
    output.backward(output_grad)
    return {
        "x": x.detach(),
        "output": output.detach(),
        "output_grad": output_grad,
        "x_grad": x.grad,
        "weight_grad": module.weight.grad,
        "bias_grad": module.bias.grad,
    }


def batch_norm(shape, lengths=None):
    module = nn.BatchNorm1d(shape[-1], eps=1e-3, momentum=0.3).double()
    for tensor in module.state_dict().values():
        if tensor.dtype == torch.float64:
            tensor.copy_(random(*tensor.shape) + 2.5)
    before = {f"before.{k}": v.clone() for k, v in module.state_dict().items()}
    rows = torch.ones(shape[:-1], dtype=torch.bool)
    if lengths is not None:
        rows = torch.arange(shape[0])[:, None] < lengths
    case = before | results(module, random(*shape), rows)
    case |= {f"after.{k}": v.clone() for k, v in module.state_dict().items()}
    module.eval()
    module.zero_grad()
    case |= {f"evaluation.{k}": v for k, v in results(module, random(*shape), rows).items()}
    if lengths is not None:
        case["lengths"] = lengths
    return case


def layer_norm(shape):
    module = nn.LayerNorm(shape[-1], eps=1e-3).double()
    for tensor in module.state_dict().values():
        tensor.copy_(random(*tensor.shape))
    case = {k: v.clone() for k, v in module.state_dict().items()}
    return case | results(module, random(*shape), torch.ones(shape[:-1], dtype=torch.bool))


def save(name, cases):
    tensors = {f"{case}.{k}": v for case, all in cases.items() for k, v in all.items()}
    save_file(tensors, folder / f"{name}.safetensors")


lengths = torch.tensor([7, 0, 3, 1, 6], dtype=torch.int32)
save(
    "batch_norm1d",
    {
        "vector": batch_norm((9, 5)),
        "sequence": batch_norm((7, 3, 5)),
        "masked": batch_norm((7, 5, 4), lengths),
    },
)
save("layer_norm", {"vector": layer_norm((3, 5)), "sequence": layer_norm((7, 3, 11))})
