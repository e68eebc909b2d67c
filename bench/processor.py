"""Who used the processor: seconds by process, children included."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> tuple[int, float] | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return int(fields[1]), (int(fields[11]) + int(fields[12])) / _TICKS


def seconds(processes: dict[str, int]) -> dict[str, float]:
    """CPU seconds so far of each process and all its descendants."""
    children: dict[int, list[int]] = {}
    used: dict[int, float] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (stat := _stat(int(entry.name))) is not None:
            children.setdefault(stat[0], []).append(int(entry.name))
            used[int(entry.name)] = stat[1]

    def whole(pid: int) -> float:
        return used.get(pid, 0.0) + sum(whole(child) for child in children.get(pid, ()))

    return {name: whole(pid) for name, pid in processes.items()}


def between(before: dict[str, float], after: dict[str, float]) -> dict[str, float]:
    """What was used in between."""
    return {name: round(after[name] - before.get(name, 0.0), 2) for name in after}
