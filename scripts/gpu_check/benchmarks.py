"""The stages that measure: every kernel beside what the chip can do, and the training step beside
its peers. The programs are those of bench/."""

import argparse
import json
import os
import re
import statistics
import sys

from report import number

ROUNDS = 3


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


def sequences(check):
    """Windows and k-mers on the GPU and on this machine's CPU, by Google Benchmark's programs, whose
    repetitions of all cases are run in random order: an object a case with work, for each device
    the times in ms, and the bytes that it cannot do without."""
    # On the emulated GPU: one case of each, once.
    small = r"windows_c.*/100/300/15/|shared_kmers.*/100/|count.*/12/1/"
    options = (["--benchmark_filter=" + small, "--benchmark_min_time=0.001"] if check.dry_run else
               [f"--benchmark_repetitions={ROUNDS}", "--benchmark_enable_random_interleaving=true",
                "--benchmark_min_time=0.05"])
    cases, problems = {}, []
    for program in ("windows_bench", "kmers_bench"):
        run = check.ours([program, "--benchmark_format=json", *options], check.seconds_left())
        if run.status != 0:
            problems.append(f"{program}: {run.complaint()}")
            continue
        for record in json.loads(run.out)["benchmarks"]:
            if record["run_type"] != "iteration":
                continue
            device = "cuda" if "cuda" in record["name"].lower() else "cpu"
            work = re.sub("_cpu|_cuda|<Cpu>|<Cuda>|/real_time.*", "", record["name"])
            milliseconds = record["real_time"] * {"us": 1e-3, "ms": 1}[record["time_unit"]]
            case = cases.setdefault(work, {"work": work, "cpu": [], "cuda": []})
            case[device].append(milliseconds)
            case["bytes"] = round(record["bytes_per_second"] * milliseconds * 1e-3)
    rows = ["| work | CPU, ms | GPU, ms | times faster | GPU, GB/s of the bytes needed |",
            "|---|---|---|---|---|"]
    for case in cases.values():
        medians = {device: statistics.median(case[device]) for device in ("cpu", "cuda") if case[device]}
        cells = [f"{number(medians[device])} ({number(min(case[device]))} to {number(max(case[device]))})"
                 if device in medians else "" for device in ("cpu", "cuda")]
        times = number(medians["cpu"] / medians["cuda"]) if len(medians) == 2 else ""
        rate = number(case["bytes"] / medians["cuda"] * 1e-6) if "cuda" in medians else ""
        rows.append(f"| {case['work']} | {cells[0]} | {cells[1]} | {times} | {rate} |")
    check.say(f"{len(cases)} cases")
    return {"sequences": list(cases.values()), "tables": "\n".join(rows)}, problems


def training(check, batch_size):
    """A training step of Stroma, PyTorch and JAX, and the LSTM layers of Stroma and cuDNN, by the
    programs of bench/compare_gpu.py: in turns, round by round while there is time, and at the end
    what that runs once alone. A dry run is on the CPU, for the sake of the peers."""
    sys.path.insert(0, str(check.place.root / "bench"))
    import compare_gpu

    os.environ.update(check.place.environment())
    given = argparse.Namespace(device="cpu" if check.dry_run else "cuda", threads=1,
                               bin=check.place.programs, quick=check.dry_run)
    batch_size = min(batch_size, 64) if check.dry_run else batch_size
    comparisons = [compare_gpu.step_comparison(given, batch_size)]
    if not check.dry_run:
        # First, as it takes seconds: PyTorch and JAX compile for minutes.
        comparisons.insert(0, compare_gpu.lstm_comparison(given, batch_size))
    rounds = 1 if check.dry_run else ROUNDS
    for turn in range(rounds + 1):
        for comparison in comparisons:
            ours = comparison.programs[0]
            for program in comparison.programs:
                if program is not ours and program.once != (turn == rounds):
                    continue
                if check.seconds_left() > 1:
                    program.run(turn, check.seconds_left())
                    if " timed out after " in program.problem:  # without the whole command
                        program.problem = "timed out after " + program.problem.split()[-2] + " s"
                elif not program.rows and not program.problem:
                    program.problem = "no time left"

    problems = []
    for comparison in comparisons:
        failed = {program.name: program.problem for program in comparison.programs if program.problem}
        check.say(f"{comparison.title}: {len(comparison.programs) - len(failed)} of "
                  f"{len(comparison.programs)} programs")
        for name, problem in failed.items():
            if check.dry_run and name != comparison.programs[0].name:
                check.say(f"missing: {name}: {problem}")
            else:
                problems.append(f"{comparison.title}: {name}: {problem}")
    return {"comparisons": [compare_gpu.summary(comparison) for comparison in comparisons],
            "tables": "\n".join(compare_gpu.markdown(comparison) for comparison in comparisons)
            }, problems
