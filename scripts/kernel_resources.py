#!/usr/bin/env python3
"""Prints, as a Markdown table, what ptxas said of every CUDA kernel of a build on one chip, but for
CUB's: registers, shared memory of fixed size, and spills. Exits 1 where a recurrent or convolution
kernel spills or keeps an array in memory.

    scripts/kernel_resources.py [--build build/cuda] [--chip sm_90a] [--write]

--write puts the table in docs/performance.md. The build must be of the cuda preset, which keeps
ptxas' reports beside the objects (cmake/keep_ptxas_report.sh).
"""

import argparse
import pathlib
import re
import subprocess
import sys

page = pathlib.Path(__file__).parent.parent / "docs/performance.md"
begin, end = "<!-- kernel resources: begin -->\n", "<!-- kernel resources: end -->\n"
precisions = ("fp32", "tf32", "bf16")  # in the order of Precision, kernels/context.h
must_not_spill = ("recurrent", "conv1d")  # beginnings of file names


def demangled(symbols):
    """{symbol: name without parameters and the namespaces that all kernels share}"""
    text = subprocess.run(["c++filt", "--no-params"], input="\n".join(symbols), text=True, check=True,
                          capture_output=True).stdout
    names = [re.sub(r"^void ", "", name) for name in text.splitlines()]
    names = [re.sub(r"stroma::|kernels::|\(anonymous namespace\)::|\([a-z ]+\)(?=\d)", "", name)
             for name in names]
    names = [re.sub(r"\(Precision\)(\d)", lambda match: precisions[int(match[1])], name)
             for name in names]
    return dict(zip(symbols, names))


def kernels_of(report, chip):
    """[{symbol, registers, shared, stack, stores, loads}] of one report."""
    found = []
    for part in report.read_text().split("Compiling entry function '")[1:]:
        symbol, compiled_for = re.match(r"([^']+)' for '([^']+)'", part).groups()
        if compiled_for != chip:
            continue

        def number(pattern):
            match = re.search(pattern, part)
            return int(match[1]) if match else 0

        found.append({
            "symbol": symbol,
            "registers": number(r"Used (\d+) registers"),
            "shared": number(r"(\d+) bytes smem"),
            "stack": number(r"(\d+) bytes stack frame"),
            "stores": number(r"(\d+) bytes spill stores"),
            "loads": number(r"(\d+) bytes spill loads"),
        })
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=pathlib.Path, default=page.parent.parent / "build/cuda")
    parser.add_argument("--chip", default="sm_90a")
    parser.add_argument("--write", action="store_true", help="put the table in docs/performance.md")
    options = parser.parse_args()

    folder = options.build / "kernels/CMakeFiles/stroma_kernels.dir/cuda"
    rows = []
    for report in sorted(folder.glob("*.ptxas")):
        kernels = kernels_of(report, options.chip)
        names = demangled([kernel["symbol"] for kernel in kernels])
        source = report.name.removesuffix(".o.ptxas")
        rows += [(source, names[kernel["symbol"]], kernel) for kernel in kernels
                 if not names[kernel["symbol"]].startswith("cub::")]
    if not rows:
        sys.exit(f"{sys.argv[0]}: {folder} has no reports of ptxas for {options.chip}: run "
                 "scripts/build.sh cuda first")

    table = (f"| file | kernel ({options.chip}) | registers a thread | fixed shared bytes | stack bytes "
             "| spilled bytes, stores / loads |\n|---|---|---|---|---|---|\n")
    for source, name, kernel in sorted(rows, key=lambda row: row[:2]):
        table += (f"| {source} | `{name}` | {kernel['registers']} | {kernel['shared']} "
                  f"| {kernel['stack']} | {kernel['stores']} / {kernel['loads']} |\n")
    print(table, end="")

    if options.write:
        text = page.read_text()
        before, rest = text.split(begin)
        page.write_text(before + begin + table + end + rest.split(end)[1])
    slow = [f"{name} in {source}" for source, name, kernel in rows if source.startswith(must_not_spill)
            and kernel["stores"] + kernel["loads"] + kernel["stack"] > 0]
    if slow:
        sys.exit(f"{sys.argv[0]}: registers spill to memory, or arrays lie there, in {', '.join(slow)}")


main()
