"""What is written down beside the data for commands in other terminals; for this account only."""

import json
from collections.abc import Mapping
from pathlib import Path

_PROCESSES = "processes.json"


def keep_private(path: Path, value: object) -> None:
    """Write JSON that only this account may read: whole, or not at all."""
    draft = path.with_suffix(".draft")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(value, indent=1) + "\n")
    draft.replace(path)


def keep_processes(data: Path, processes: Mapping[str, int]) -> None:
    """The process of everything that runs on `data`, by name."""
    keep_private(data / _PROCESSES, dict(processes))


def processes_of(data: Path) -> dict[str, int]:
    """The same as it was last written down; who runs on `data` is asked first."""
    try:
        kept: dict[str, int] = json.loads((data / _PROCESSES).read_text())
    except FileNotFoundError:
        return {}
    return kept


def forget_processes(data: Path) -> None:
    """Nothing runs on `data` any more."""
    (data / _PROCESSES).unlink(missing_ok=True)
