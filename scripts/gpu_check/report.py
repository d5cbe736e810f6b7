"""Results as Markdown, for docs/performance.md."""


def joined(results):
    """Results of several calls as one; a stage that ran twice counts as its last run."""
    first = results[0]
    for other in results[1:]:
        for key in ("gpu", "dry_run", "commit"):
            if other[key] != first[key]:
                raise SystemExit(f"gpu_check: results of different {key} do not belong together: "
                                 f"{first[key]} and {other[key]}")
    stages = {name: stage for result in results for name, stage in result["stages"].items()}
    return {**results[-1], "stages": stages}


def number(value):
    """Three digits that count."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def time_of(record):
    """The median, with the lowest and highest."""
    low, high = record["spread"]
    return f"{number(record['median_us'])} ({number(low)} to {number(high)})"


def kernel_table(records):
    """A roofline: each kernel's rates, and its share of the ceiling that binds it."""
    rows = ["| kernel | shape | from | µs | GB/s | GFLOP/s | % of its ceiling |",
            "|---|---|---|---|---|---|---|"]
    for record in records:
        if "median_us" not in record:
            rows.append(f"| {record['name']} | {record.get('shape', '')} | | FAILED | | | |")
            continue
        rates = [number(record[key] / record["median_us"] * 1e-3) if record.get(key) else ""
                 for key in ("bytes", "flops")]
        share = record.get("percent_of_ceiling")
        share = "WRONG" if not record["correct"] else f"{share:.1f}" if share else "a ceiling"
        rows.append(f"| {record['name']} | {record['shape']} | {record['from']} | {time_of(record)} "
                    f"| {rates[0]} | {rates[1]} | {share} |")
    return rows


def markdown(results):
    stages = results["stages"]
    if results["dry_run"]:
        lines = ["**Dry run without a GPU: no figure below is a GPU's.**"]
    else:
        lines = [f"{results['gpu'] or 'No GPU'}, {results['date']}, commit {results['commit']}."]
    lines += ["", "| stage | | seconds |", "|---|---|---|"]
    for name, stage in stages.items():
        problems = "; ".join(stage["problems"][:5])
        if len(stage["problems"]) > 5:
            problems += f"; and {len(stage['problems']) - 5} more"
        remark = problems or stage.get("note", "")
        lines.append(f"| {name} | {stage['verdict']}{': ' + remark if remark else ''} "
                     f"| {stage['seconds']:.0f} |")
    for stage in stages.values():
        if stage.get("kernels"):
            lines += ["", *kernel_table(stage["kernels"])]
        if stage.get("tables"):
            lines += ["", stage["tables"].rstrip()]
    return "\n".join(lines) + "\n"
