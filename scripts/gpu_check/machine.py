"""The stage that says on what everything else was measured."""

import csv
import os
import platform
import shutil
import sys

from place import cublas_folders

QUERY = ("name,driver_version,memory.total,compute_cap,clocks.sm,clocks.max.sm,clocks.mem,"
         "clocks.max.mem,power.draw,power.limit,temperature.gpu,pstate,mig.mode.current")
VERSIONS = """
import importlib.metadata as m, json
names = ["torch", "jax", "jaxlib", "nvidia-cublas", "nvidia-cudnn-cu13", "numpy", "triton"]
def version(name):
    try: return m.version(name)
    except m.PackageNotFoundError: return "missing"
print(json.dumps({name: version(name) for name in names}))
"""


def gpu_of(runner):
    """{"name": …, "driver_version": …} of the first GPU; None where nvidia-smi finds none."""
    if not shutil.which("nvidia-smi"):
        return None
    run = runner.run(["nvidia-smi", f"--query-gpu={QUERY}", "--format=csv,noheader"], 60)
    rows = list(csv.reader(run.out.splitlines(), skipinitialspace=True))
    if run.status != 0 or not rows or len(rows[0]) != QUERY.count(",") + 1:
        return None
    return dict(zip(QUERY.split(","), rows[0]))


def cpu_name():
    with open("/proc/cpuinfo", encoding="utf-8") as file:
        for line in file:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def machine(check):
    """GPU, driver, clocks, CPU, and the versions of what is compared with."""
    packages = check.runner.run([sys.executable, "-c", VERSIONS], 60)
    data = {
        "gpu": check.gpu,
        "cpu": cpu_name(),
        "cores": len(os.sched_getaffinity(0)),
        "system": f"{platform.platform()}, {' '.join(platform.libc_ver())}",
        "python": platform.python_version(),
        "packages": check.json_of(packages),
        "cublas": cublas_folders(),
        "stroma": check.ours(["stroma", "info"], 60).out.strip(),
    }
    if check.gpu is None and not check.dry_run:
        return data, ["no GPU: nvidia-smi is missing or names none"]
    return data, []
