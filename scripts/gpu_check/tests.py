"""The stages that look for mistakes: all tests, and kernel tests under compute-sanitizer."""

import json
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# A dry run shows that each program starts and finds its files.
DRY_FILTER = ":".join([
    "Activation.*", "GatherBatch.*", "ColumnSums.*", "Softmax.*", "Philox.*", "Graph.*",
    "Arithmetic.*", "Safetensors*", "Linear.*", "Network.Agrees*", "ClassificationMetrics.*",
    "Alphabet.*", "Usage.*", "WindowOffsets.*", "Rooms.*"])
# Bytes out of bounds and the like are found by the emulator's checked build; here it is the real
# thing: what the compiler made of the kernels, on the chip.
TOOLS = {"memcheck": ["--leak-check", "no", "--report-api-errors", "no"],
         "racecheck": ["--racecheck-detect-level", "error"]}
# Not ours to check: cuBLAS; and CUB alone, in whose exchanges racecheck has seen races before.
CUBLAS, CUB = ("Gemm.", "Cublas."), ("Sort.", "ExclusiveSum.", "Select")
NOT_OURS = {"memcheck": CUBLAS, "racecheck": CUBLAS + CUB}
FIND = ["compute-sanitizer", "/usr/local/cuda/bin/compute-sanitizer"]


def failures_of(report):
    """(counts, {test: first message}) of a JSON report of googletest."""
    counts, failed = {"passed": 0, "failed": 0, "skipped": 0}, {}
    for suite in report["testsuites"]:
        for test in suite["testsuite"]:
            if test["status"] == "NOTRUN":
                continue
            if "failures" in test:
                counts["failed"] += 1
                failed[f"{suite['name']}.{test['name']}"] = test["failures"][0]["failure"][:500]
            elif test["result"] == "SKIPPED":
                counts["skipped"] += 1
            else:
                counts["passed"] += 1
    return counts, failed


def run_program(check, program, limit, options):
    """One test program: what to keep of it, and its problems."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.json"
        run = check.ours([program, f"--gtest_output=json:{path}", *options], limit)
        report = json.loads(path.read_text()) if path.exists() else None
    name = program.removesuffix("_test")
    if report is None:
        return {"seconds": round(run.seconds, 1)}, [f"{name}: {run.complaint()}"]
    counts, failed = failures_of(report)
    problems = [f"{name}: {test} failed" for test in failed]
    if run.status != 0 and not failed:
        problems.append(f"{name}: {run.complaint()}")
    if not any(counts.values()):
        problems.append(f"{name}: no test ran")
    if "no GPU can be used here" in run.out and not check.dry_run:
        problems.append(f"{name}: tests were skipped for want of a GPU")
    return {**counts, "seconds": round(run.seconds, 1), "failures": failed}, problems


def tests(check):
    """Every test program, a few at a time."""
    programs = check.programs("*_test")
    if not programs:
        return {}, ["there are no test programs"]
    options = [f"--gtest_filter={DRY_FILTER}"] if check.dry_run else []
    with ThreadPoolExecutor(check.workers) as pool:
        results = list(pool.map(
            lambda name: run_program(check, name, check.seconds_left(), options), programs))
    data = {name: kept for name, (kept, _) in zip(programs, results)}
    for name, kept in data.items():
        check.say(f"{name}: " + ", ".join(f"{kept.get(key, '?')} {key}" for key in
                                          ("passed", "failed", "skipped")))
    return {"programs": data}, [problem for _, problems in results for problem in problems]


def names_of(listing):
    """Suite.Test of what --gtest_list_tests prints."""
    names, suite = [], ""
    for line in listing.splitlines():
        line = line.split("#")[0].rstrip()
        if line.startswith("  "):
            names.append(suite + line.strip())
        elif line.endswith("."):
            suite = line
    return names


def sanitizer(check):
    """memcheck and racecheck on each test of the kernels, for as long as the stage has time."""
    tool_path = next((path for path in FIND if shutil.which(path)), None)
    if tool_path is None:
        if check.dry_run:
            return {"note": "compute-sanitizer is missing here; the emulator's checked build "
                            "(ctest --preset emulated-checked) looks at each access instead"}, []
        return {}, ["compute-sanitizer is missing: it comes with the CUDA Toolkit"]
    listing = check.ours(["kernels_test", "--gtest_list_tests"], 60).out
    all_names = names_of(listing)
    data, problems = {}, []
    for index, (tool, options) in enumerate(TOOLS.items()):
        names = [name for name in all_names if not name.startswith(NOT_OURS[tool])]
        # What must be left for the tools after this one.
        stop_at = check.seconds_left() * (1 - 1 / (len(TOOLS) - index))

        def one(name, tool=tool, options=options, stop_at=stop_at):
            if check.seconds_left() <= stop_at:
                return "no time left"
            run = check.runner.run(
                [tool_path, "--tool", tool, *options, "--error-exitcode", "99",
                 check.place.programs / "kernels_test", f"--gtest_filter={name}"],
                check.seconds_left() - stop_at, check.place.environment())
            if run.status == 0:
                return "clean"
            return run.complaint() if run.status is None else f"errors ({run.complaint()})"

        with ThreadPoolExecutor(check.workers) as pool:
            found = dict(zip(names, pool.map(one, names)))
        data[tool] = found
        clean = sum(result == "clean" for result in found.values())
        errors = [f"{tool}: {name}: {result}" for name, result in found.items()
                  if result.startswith("errors")]
        check.say(f"{tool}: {clean} of {len(found)} tests clean, {len(errors)} with errors, "
                  f"{len(found) - clean - len(errors)} not reached in the time")
        if clean > 0:
            problems += errors
        else:  # one cause, most likely: a tool that cannot work here
            problems.append(f"{tool} found no test clean: {(errors or ['none ended in time'])[0]}")
    if not all_names:
        problems.append("kernels_test lists no tests")
    return data, problems
