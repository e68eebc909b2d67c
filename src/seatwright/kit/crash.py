"""
Named places at which a test may end this process, as a power cut would.

`CRASH_AT=after_authorise` kills the process with SIGKILL the first time it passes that point;
`CRASH_AT=after_authorise:3` the third time. Without the variable a point costs one comparison.
"""

import os
import signal
from collections.abc import Callable

POINTS: dict[str, str] = {}
_target, _, _nth = os.environ.get("CRASH_AT", "").partition(":")
_remaining = int(_nth or "1")


def declare(name: str, meaning: str) -> Callable[[], None]:
    """Register the point `name` and return the function that passes it."""
    assert name not in POINTS, f"crash point {name} is declared twice"
    POINTS[name] = meaning
    if name != _target:
        return _pass
    return _fall


def _pass() -> None:
    return None


def _fall() -> None:
    global _remaining  # noqa: PLW0603  # one process, one fate
    _remaining -= 1
    if _remaining == 0:
        os.kill(os.getpid(), signal.SIGKILL)
