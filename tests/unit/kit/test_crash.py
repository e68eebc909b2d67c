"""A process falls exactly where and when it was told to."""

import os
import signal
import subprocess
import sys

import pytest

from seatwright.kit import crash

PROGRAM = """
import sys
from seatwright.kit import crash
first = crash.declare("after_claim", "claimed, not yet paid")
second = crash.declare("after_pay", "paid, not yet told")
for step in range(4):
    first()
    print("claimed", step, flush=True)
    second()
"""


def run(crash_at: str | None) -> tuple[int, int]:
    environment = {k: v for k, v in os.environ.items() if k != "CRASH_AT"}
    if crash_at is not None:
        environment["CRASH_AT"] = crash_at
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        env=environment,
        check=False,
        timeout=60,
    )
    return done.returncode, done.stdout.count(b"claimed")


@pytest.mark.parametrize(
    ("at", "code", "claimed"),
    [
        (None, 0, 4),
        ("", 0, 4),
        ("elsewhere", 0, 4),
        ("after_claim", -signal.SIGKILL, 0),
        ("after_pay", -signal.SIGKILL, 1),
        ("after_claim:3", -signal.SIGKILL, 2),
        ("after_pay:9", 0, 4),
    ],
)
def test_a_process_falls_at_the_nth_passing_of_its_point(at, code, claimed):
    assert run(at) == (code, claimed)


def test_a_point_is_declared_once_and_says_what_it_means():
    name = "test_only_point"
    crash.declare(name, "nothing")()
    assert crash.POINTS.pop(name) == "nothing"
    crash.POINTS[name] = "here already"
    with pytest.raises(AssertionError):
        crash.declare(name, "again")
    del crash.POINTS[name]
