"""Times a training step of a published network in PyTorch: gather, forward, loss, backward, Adam.

eager is PyTorch as it comes; the other modes take the fused Adam. graph replays the whole step.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

import training_step
from models_torch import MODELS

COMPILE_MODES = ["reduce-overhead", "max-autotune"]
given = training_step.options(__doc__, ["eager", *COMPILE_MODES, "graph"])
if given.mode == "graph" and given.device == "cpu":
    raise SystemExit("--mode graph needs --device cuda")
torch.set_num_threads(given.threads)
torch.manual_seed(1)
torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = given.tf32

device = torch.device(given.device)
one_hot, classes = training_step.examples(given.model, given.classes)
inputs, labels = torch.from_numpy(one_hot).to(device), torch.from_numpy(classes).to(device)
order = torch.randperm(len(labels), device=device)
rows = order[: given.batch_size].clone()  # of the batch: where a graph reads them

model = MODELS[given.model][0](given.classes).to(device)
adam_options = {} if given.mode == "eager" else {"fused": True, "capturable": device.type == "cuda"}
optimizer = torch.optim.Adam(model.parameters(), lr=5e-4, **adam_options)
loss_function = nn.CrossEntropyLoss()


def forward(x: Tensor, y: Tensor) -> Tensor:
    """The loss of a batch."""
    return loss_function(model(x), y)


def step() -> Tensor:
    """One update from the examples in `rows`."""
    optimizer.zero_grad()
    loss = forward(inputs[rows], labels[rows])
    loss.backward()
    optimizer.step()
    return loss


def captured(work: Callable[[], Tensor]) -> Callable[[], Tensor]:
    """`work` as a replayed CUDA graph, after the runs on a side stream that PyTorch asks for."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            work()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        loss = work()

    def replay() -> Tensor:
        graph.replay()
        return loss

    return replay


def run(steps: int) -> float:
    """Some steps; returns the last loss, for which it waits."""
    global position
    for _ in range(steps):
        torch.compiler.cudagraph_mark_step_begin()
        first = position % (len(order) - given.batch_size + 1)
        rows.copy_(order[first : first + given.batch_size])
        position += given.batch_size
        loss = one_step()
    return loss.item()


if given.mode in COMPILE_MODES:
    torch._dynamo.config.allow_rnn = True  # else the LSTM is left out of the compiled graph
    forward = torch.compile(forward, mode=given.mode)
position = 0
one_step = captured(step) if given.mode == "graph" else step
training_step.report(
    given, run, program="PyTorch", version=torch.__version__,
    device=torch.cuda.get_device_name() if device.type == "cuda" else "cpu",
    parameters=sum(p.numel() for p in model.parameters()))
