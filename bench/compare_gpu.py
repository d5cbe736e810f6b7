#!/usr/bin/env python3
"""Compares Stroma with its peers: every program in turns, A B A B, for some rounds.

Writes comparison.json and comparison.md: medians over the rounds with the lowest and highest, and
for each peer the ratio of its time to Stroma's in the same round. PyTorch and JAX are those of the
Python that runs this; a peer that does not run is listed with its reason.
"""

import argparse
import json
import statistics
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

BENCH = Path(__file__).resolve().parent


@dataclass
class Program:
    """A program that prints one line of JSON, and what it has measured."""

    name: str
    command: list[str]
    once: bool = False  # in the first round alone
    rows: dict[int, dict] = field(default_factory=dict)  # by round
    problem: str = ""

    def run(self, round_number: int, limit_seconds: float) -> None:
        """One more row; a failure ends this program's part."""
        if self.problem or (self.once and self.rows):
            return
        try:
            done = subprocess.run(self.command, capture_output=True, text=True, timeout=limit_seconds)
        except (OSError, subprocess.TimeoutExpired) as error:
            self.problem = str(error)
            return
        if done.returncode != 0:
            self.problem = (done.stderr.strip().splitlines() or [f"exit {done.returncode}"])[-1]
            return
        self.rows[round_number] = json.loads(done.stdout.strip().splitlines()[-1])

    def microseconds(self) -> list[float]:
        """The median of each round."""
        return [row["median_us"] for row in self.rows.values()]

    def ratios(self, ours: "Program") -> list[float]:
        """How many times as long it takes as ours, round by round."""
        return [row["median_us"] / ours.rows[number]["median_us"]
                for number, row in self.rows.items() if number in ours.rows]


@dataclass
class Comparison:
    """Programs that do the same work; the first is Stroma."""

    title: str
    programs: list[Program]


def middle(values: list[float], digits: int) -> str:
    """'12.3 (11.9 to 13.0)'."""
    if not values:
        return ""
    spread = f" ({min(values):.{digits}f} to {max(values):.{digits}f})" if len(values) > 1 else ""
    return f"{statistics.median(values):.{digits}f}{spread}"


def markdown(comparison: Comparison) -> str:
    """The table of a comparison."""
    ours = comparison.programs[0]
    lines = [f"## {comparison.title}", "", "| | µs | times Stroma's |", "|---|---|---|"]
    for program in comparison.programs:
        name = " ".join([program.name, *{row.get("version", "") for row in program.rows.values()}])
        ratio = "" if program is ours else middle(program.ratios(ours), 2)
        time = middle(program.microseconds(), 1) or f"not run: {program.problem}"
        lines.append(f"| {name.strip()} | {time} | {ratio} |")
    return "\n".join(lines) + "\n"


def summary(comparison: Comparison) -> dict:
    """The same for machines, with all rows."""
    ours = comparison.programs[0]
    programs = [{"name": p.name, "command": p.command, "problem": p.problem,
                 "median_us": statistics.median(p.microseconds()) if p.rows else None,
                 "ratio": statistics.median(p.ratios(ours)) if p.ratios(ours) else None,
                 "ratios": p.ratios(ours), "rows": list(p.rows.values())}
                for p in comparison.programs]
    return {"title": comparison.title, "programs": programs}


def step_comparison(given: argparse.Namespace, batch: int) -> Comparison:
    """The whole training step."""
    on_gpu = given.device == "cuda"
    samples, steps, warm_up = (2, 1, 1) if given.quick else (20, 100, 200) if on_gpu else (100, 1, 20)
    common = [f"--device={given.device}", f"--batch-size={batch}", f"--threads={given.threads}",
              f"--samples={samples}", f"--steps={steps}", f"--warm-up={warm_up}"]

    def peer(name: str, script: str, mode: str, *more: str) -> Program:
        command = [sys.executable, str(BENCH / "peers" / script), f"--mode={mode}", *common, *more]
        return Program(name, command, once=bool(more))

    programs = [Program("Stroma", [str(given.bin / "train_step_bench"), *common])]
    modes = [("PyTorch eager", "train_step_torch.py", "eager"), ("JAX jitted", "train_step_jax.py", "scan")]
    if not given.quick:
        modes += [(f"PyTorch compiled, {mode}", "train_step_torch.py", mode)
                  for mode in ("reduce-overhead", "max-autotune")]
        modes += [("JAX jitted, unrolled", "train_step_jax.py", "unrolled")]
    if on_gpu:
        modes += [("PyTorch, one CUDA graph", "train_step_torch.py", "graph")]
    programs += [peer(*mode) for mode in modes]
    if on_gpu:
        programs += [peer(f"{name}, TF32 allowed", *rest, "--tf32") for name, *rest in modes]
    return Comparison(f"A training step of cnn-lstm-dna, batch {batch}, {given.device}", programs)


def lstm_comparison(given: argparse.Namespace, batch: int) -> Comparison:
    """The LSTM layers alone, against cuDNN itself."""
    common = [f"--batch-size={batch}", *(["--samples=2", "--replays=1"] if given.quick else [])]
    cudnn = [str(given.bin / "cudnn_lstm"), *common]
    if library := cudnn_library():
        cudnn.append(f"--library={library}")
    ours = str(given.bin / "gpu_lstm_bench")
    return Comparison(f"Two bidirectional LSTM layers, forward and backward, batch {batch}", [
        Program("Stroma", [ours, *common]),
        Program("Stroma, the last position alone", [ours, *common, "--output=last"]),
        Program("cuDNN", cudnn),
        Program("cuDNN, TF32 allowed", [*cudnn, "--tf32"], once=True)])


def cudnn_library() -> Path | None:
    """The cuDNN that came with this Python's PyTorch, if any."""
    return next((file for folder in sys.path
                 for file in Path(folder).glob("nvidia/cudnn/lib/libcudnn.so.9")), None)


def main() -> None:
    """Runs and writes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cuda")
    parser.add_argument("--bin", type=Path, default=BENCH.parent / "build/cuda/bin", help="Stroma's programs")
    parser.add_argument("--out", type=Path, default=Path("."), help="the folder of the results")
    parser.add_argument("--batch-size", type=int, nargs="+", default=[32, 4096])
    parser.add_argument("--threads", type=int, default=1, help="of the CPU")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--limit", type=float, default=900, help="seconds a program may take")
    parser.add_argument("--quick", action="store_true", help="two samples, no compiled peers: does all of it run?")
    given = parser.parse_args()

    comparisons = [step_comparison(given, batch) for batch in given.batch_size]
    if given.device == "cuda":
        comparisons += [lstm_comparison(given, batch) for batch in given.batch_size]
    for number in range(given.rounds):
        for comparison in comparisons:
            for program in comparison.programs:
                program.run(number, given.limit)
        print(f"round {number + 1} of {given.rounds}", file=sys.stderr)

    given.out.mkdir(parents=True, exist_ok=True)
    text = "\n".join(markdown(comparison) for comparison in comparisons)
    (given.out / "comparison.md").write_text(text)
    (given.out / "comparison.json").write_text(
        json.dumps([summary(comparison) for comparison in comparisons], indent=1) + "\n")
    print(text, end="")
    if any(not comparison.programs[0].rows for comparison in comparisons):
        raise SystemExit("compare_gpu.py: Stroma itself did not run")


if __name__ == "__main__":
    main()
