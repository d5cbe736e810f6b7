"""Checks and measures stroma on a machine with an NVIDIA GPU, from a bundle (scripts/gpu_bundle.sh)
or from a repository with a cuda build. Stages can be divided over several calls; their results come
together in one file, GPU-DATE-COMMIT.json, and as Markdown beside it.

    python3 gpu_check [--only STAGE…] [--out FOLDER]
    python3 gpu_check --dry-run            the same on an emulated GPU, to find mistakes in this script
    python3 gpu_check --report FILE…       the Markdown of results that were measured before

Exits 1 if a stage failed.
"""

import argparse
import datetime
import json
import os
import pathlib
import sys
import time
from functools import partial

from benchmarks import kernels, sequences, training
from machine import gpu_of, machine
from place import Place
from report import joined, markdown
from runs import Runner
from tests import sanitizer, tests

# Name, function, seconds at most, and in a dry run. All together stay below half an hour, and can
# be divided over calls of ten minutes: the first two, the next three, and the rest.
STAGES = [("machine", machine, 30, 30), ("tests", tests, 480, 180), ("sanitizer", sanitizer, 180, 60),
          ("kernels", kernels, 260, 120), ("sequences", sequences, 120, 60),
          ("training", partial(training, batch_size=32), 330, 120),
          ("training-4096", partial(training, batch_size=4096), 250, 120)]


class Check:
    """What the stages share."""

    def __init__(self, dry_run, place, log_path):
        self.dry_run = dry_run
        self.place = place
        self.runner = Runner(log_path)
        self.workers = max(1, min(4, len(os.sched_getaffinity(0)) // 4))
        self.gpu = None if dry_run else gpu_of(self.runner)
        self._end = 0.0

    def say(self, text):
        print(f"  {text}", flush=True)

    def begin(self, seconds):
        self._end = time.monotonic() + seconds

    def seconds_left(self):
        return self._end - time.monotonic()

    def programs(self, pattern):
        return sorted(path.name for path in self.place.programs.glob(pattern))

    def ours(self, command, limit):
        """Runs one of our programs, named without its folder."""
        return self.runner.run([self.place.programs / command[0], *command[1:]], limit,
                               self.place.environment())

    def json_of(self, run):
        return json.loads(run.out) if run.status == 0 else run.complaint()


def write(folder, results):
    """GPU-DATE-COMMIT.json and .md, with the stages of earlier calls."""
    gpu = "dry-run" if results["dry_run"] else results["gpu"] or "no-gpu"
    name = f"{gpu}-{results['date']}-{results['commit']}.json"
    path = folder / name.lower().replace(" ", "-")
    if path.exists():
        results = joined([json.loads(path.read_text()), results])
    path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    path.with_suffix(".md").write_text(markdown(results), encoding="utf-8")
    return path


def main():
    names = [name for name, *_ in STAGES]
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=names, default=names, metavar="STAGE",
                        help=f"of {', '.join(names)}")
    parser.add_argument("--out", type=pathlib.Path, help="for the results; default: results beside this, or bench/results")
    parser.add_argument("--build", type=pathlib.Path, help="default: the bundle's, or build/cuda")
    parser.add_argument("--dry-run", action="store_true")
    parser.add_argument("--report", nargs="+", type=pathlib.Path, metavar="FILE")
    options = parser.parse_args()
    if options.report:
        print(markdown(joined([json.loads(path.read_text()) for path in options.report])), end="")
        return 0

    place = Place(options.dry_run, options.build)
    folder = options.out or place.results
    folder.mkdir(parents=True, exist_ok=True)
    check = Check(options.dry_run, place, folder / "gpu_check.log")
    if not check.dry_run and "emulated" in check.ours(["stroma", "info"], 60).out:
        parser.error(f"{place.programs} is of an emulated build, which is for --dry-run alone")
    date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d")
    results = {"gpu": check.gpu and check.gpu["name"], "date": date, "dry_run": check.dry_run,
               "commit": place.commit(), "stages": {}}
    for name, stage, seconds, dry_seconds in STAGES:
        if name not in options.only:
            continue
        print(f"== {name}", flush=True)
        start = time.monotonic()
        check.begin(dry_seconds if check.dry_run else seconds)
        try:
            data, problems = stage(check)
        except Exception as error:  # a mistake in one stage leaves the others their turn
            data, problems = {}, [f"{type(error).__name__}: {error}"]
        taken = round(time.monotonic() - start, 1)
        for problem in problems:
            check.say(problem)
        verdict = "FAILED" if problems else "passed"
        print(f"== {name}: {verdict} in {taken:.0f} s", flush=True)
        results["stages"][name] = {"verdict": verdict, "seconds": taken, "problems": problems,
                                   **data}
        path = write(folder, results)  # after each stage: a call may be cut off
    print(f"\n{path.with_suffix('.md').read_text()}\n{path}")
    return int(any(stage["verdict"] == "FAILED" for stage in results["stages"].values()))


sys.exit(main())
