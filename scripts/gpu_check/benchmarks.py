"""The stages that measure: every kernel beside what the chip can do, and the training step beside
its peers. The programs are those of bench/."""

import json
import sys
import tempfile
from pathlib import Path


def kernels(check):
    """The chip's ceilings and each kernel, as gpu_kernels_bench prints them: an object a line with
    name, shape, from (L2 or memory), median_us, spread, bytes, flops, correct, and
    percent_of_ceiling unless it is a ceiling itself."""
    quick = ["--quick", "--batch-size", "4"] if check.dry_run else []
    run = check.ours(["gpu_kernels_bench", "--format", "json", *quick], check.seconds_left())
    records = [json.loads(line) for line in run.out.splitlines() if line.startswith("{")]
    problems = [f"{record['name']} {record['shape']}: {record['problem']}"
                for record in records if not record["correct"]]
    if run.status is None or (run.status != 0 and not problems):
        problems.append(f"gpu_kernels_bench: {run.complaint()}")
    check.say(f"{len(records)} results")
    return {"kernels": records}, problems


def training(check, batch_size):
    """A training step of Stroma, PyTorch and JAX, and the LSTM layers of Stroma and cuDNN, in turns,
    as compare_gpu.py runs them. A dry run is on the CPU, for the sake of the peers."""
    script = check.place.root / "bench/compare_gpu.py"
    if not script.exists():
        return {}, [f"there is no {script}"]
    options = (["--device", "cpu", "--quick", "--rounds", "1"] if check.dry_run else
               ["--device", "cuda", "--rounds", "3"])
    with tempfile.TemporaryDirectory() as folder:
        run = check.runner.run(
            [sys.executable, script, "--bin", check.place.programs, "--out", folder,
             "--batch-size", str(batch_size),
             "--seconds", f"{check.seconds_left() - 20:.0f}", *options],
            check.seconds_left(), check.place.environment())
        results = Path(folder) / "comparison.json"
        if not results.exists():
            return {}, [f"compare_gpu.py: {run.complaint()}"]
        comparisons = json.loads(results.read_text())
        tables = results.with_suffix(".md").read_text()
    problems = [] if run.status == 0 else [f"compare_gpu.py: {run.complaint()}"]
    for comparison in comparisons:
        done = [program for program in comparison["programs"] if program["rows"]]
        check.say(f"{comparison['title']}: {len(done)} of {len(comparison['programs'])} programs")
        problems += [f"{comparison['title']}: {program['name']}: {program['problem']}"
                     for program in comparison["programs"] if program["problem"]]
    return {"comparisons": comparisons, "tables": tables}, problems
