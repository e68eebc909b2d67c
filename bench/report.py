"""Figures for people: a table, medians over the runs, histograms and a plot in bench/results/."""

import json
import statistics
from pathlib import Path
from typing import Any

import matplotlib as mpl

from seatwright.kit import clock

mpl.use("Agg")  # no screen; must come before pyplot
from matplotlib import pyplot as plt

RESULTS = Path(__file__).parent / "results"
_STEPS = ("hold_ms", "order_ms", "pay_ms", "whole_ms")


def show(name: str, run: dict[str, Any]) -> None:
    """A few lines for people."""
    print(
        f"\n{name}: {run['per_minute']:,} purchases/min, {run['seats']:,} seats, "
        f"{run['refused']} refused, {run['other']} other, {run['cpu_ms_a_purchase']} ms CPU each"
    )
    for step in _STEPS:
        if run.get(step):
            print(f"  {step:9} " + "  ".join(f"{k} {v}" for k, v in run[step].items()))
    most = sorted(run["cpu_by_process_s"].items(), key=lambda item: -item[1])
    print(f"  CPU s: load generator {run['cpu_s']:.1f}", *(f"{k} {v}" for k, v in most if v > 0.3))
    print("  bytes a purchase:", *(f"{k} {v:,}" for k, v in run["bytes_a_purchase"].items()))
    if run["examples"]:
        print("  examples:", *run["examples"], sep="\n    ")


def summary(runs: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Median, least and most over the runs of what matters."""
    values: dict[str, list[float]] = {
        "closed, purchases/min": [run["closed"]["per_minute"] for run in runs],
        "closed, CPU ms a purchase": [run["closed"]["cpu_ms_a_purchase"] for run in runs],
        "ceiling, purchases/min": [run["ceiling"]["per_minute"] for run in runs],
        "ratio to the ceiling": [run["ratio_to_ceiling"] for run in runs],
        "pgbench, commits/s": [run["pgbench"]["commits_per_s"] for run in runs],
        "open, purchases/min": [run["open"]["per_minute"] for run in runs],
    }
    for loop in ("closed", "open"):
        for step in _STEPS:
            for at in ("p50", "p99", "p99.9"):
                if runs[0][loop].get(step):
                    values[f"{loop}, {step} {at}"] = [run[loop][step][at] for run in runs]
    return {
        name: {"median": round(statistics.median(found), 2), "min": min(found), "max": max(found)}
        for name, found in values.items()
    }


def table(found: dict[str, dict[str, float]]) -> None:
    """The summary as lines."""
    print(f"\n{'':28}{'median':>10}{'min':>10}{'max':>10}")
    for name, row in found.items():
        print(f"{name:28}" + "".join(f"{row[at]:>10,}" for at in ("median", "min", "max")))


def written(result: dict[str, Any]) -> Path:
    """The file with everything, histograms included, as JSON."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    whole = RESULTS / f"{result['bench']}-{clock.now():%Y%m%d-%H%M%S}.json"
    whole.write_text(json.dumps(result, indent=1))
    return whole


def keep(result: dict[str, Any]) -> tuple[Path, Path]:
    """Write everything as JSON, and the latencies as a picture beside it."""
    whole = written(result)
    picture = whole.with_suffix(".svg")
    _plot(result["runs"], picture)
    return whole, picture


def _plot(runs: list[dict[str, Any]], picture: Path) -> None:
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4.5), layout="constrained")
    for loop, colour in (("closed", "#0b6e4f"), ("open", "#b5541c"), ("ceiling", "#777777")):
        for number, run in enumerate(runs):
            histogram = run[loop]["histogram"]
            total, seen, points = sum(count for _, count in histogram), 0, []
            for bound, count in histogram:
                seen += count
                points.append((bound, 1 - seen / total))
            left.plot(
                [x for x, _ in points], [max(y, 1 / total) for _, y in points],
                color=colour, linewidth=1, label=loop if number == 0 else None,
            )  # fmt: skip
    left.set(
        xscale="log", yscale="log", xlabel="a whole purchase took longer than, ms",
        ylabel="share of purchases", title="Latency",
    )  # fmt: skip
    left.legend()
    for loop, colour in (("closed", "#0b6e4f"), ("ceiling", "#777777"), ("open", "#b5541c")):
        right.plot(
            range(1, len(runs) + 1), [run[loop]["per_minute"] for run in runs],
            marker="o", color=colour, label=loop,
        )  # fmt: skip
    right.set(xlabel="run", ylabel="purchases a minute", title="Throughput", ylim=(0, None))
    right.legend()
    figure.savefig(picture)
    plt.close(figure)
