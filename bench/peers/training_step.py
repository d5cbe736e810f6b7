"""What every peer of a training step shares: its options, its data, its clock, and its one line."""

import argparse
import json
import statistics
import time
from collections.abc import Callable

import numpy as np

LETTERS = {"cnn-lstm-dna": 4, "cnn-lstm-protein": 20}
LENGTH, REGION = 40, 300


def options(description: str, modes: list[str]) -> argparse.Namespace:
    """The command line; the same in all peers."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--mode", choices=modes, default=modes[0])
    parser.add_argument("--model", choices=LETTERS, default="cnn-lstm-dna")
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--tf32", action="store_true", help="allow TF32 on the GPU")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--classes", type=int, default=100)
    parser.add_argument("--threads", type=int, default=1, help="of the CPU")
    parser.add_argument("--samples", type=int, default=100)
    parser.add_argument("--steps", type=int, default=1, help="of a sample; the device is waited for at its end")
    parser.add_argument("--warm-up", type=int, default=20, help="steps")
    return parser.parse_args()


def examples(model: str, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """All windows of a random region a class: standardised one-hot [examples, 40, letters], labels."""
    random, letters = np.random.default_rng(1), LETTERS[model]
    codes = random.integers(letters, size=(classes, REGION))
    windows = np.lib.stride_tricks.sliding_window_view(codes, LENGTH, axis=1).reshape(-1, LENGTH)
    one_hot = np.eye(letters, dtype=np.float32)[windows]
    one_hot = (one_hot - one_hot.mean(0)) / one_hot.std(0)
    return one_hot, np.repeat(np.arange(classes), REGION - LENGTH + 1)


def report(given: argparse.Namespace, run: Callable[[int], float], **about: object) -> None:
    """Times run(steps), which waits for the device and returns the loss, and prints one JSON line."""
    run(given.warm_up)
    microseconds = []
    for _ in range(given.samples):
        start = time.perf_counter()
        loss = run(given.steps)
        microseconds.append((time.perf_counter() - start) / given.steps * 1e6)
    if not np.isfinite(loss):
        raise SystemExit(f"the loss is {loss}")
    median = statistics.median(microseconds)
    print(json.dumps(about | {
        "mode": given.mode, "model": given.model, "batch_size": given.batch_size,
        "tf32": given.tf32, "threads": given.threads, "median_us": median,
        "spread": [min(microseconds), max(microseconds)], "steps_per_second": 1e6 / median,
        "loss": loss}))
