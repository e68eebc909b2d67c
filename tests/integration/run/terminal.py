"""The command line as an operator has it: a process, its words, its end."""

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from seatwright.run import standing

TIMEOUT_S = 60


@dataclass(frozen=True)
class Told:
    """What a command said, and its exit code."""

    code: int
    out: str
    err: str


async def seatwright(*words: object, environment: Mapping[str, str] | None = None) -> Told:
    """Run `seatwright …` in a terminal where no setting is made but those of `environment`."""
    made = standing.names()
    clean = {name: value for name, value in os.environ.items() if name not in made}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "seatwright", *map(str, words),
        env={**clean, **(environment or {})},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(TIMEOUT_S):
            out, err = await process.communicate()
    finally:
        # What was to be refused and serves instead must not go on.
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode is not None
    return Told(process.returncode, out.decode(), err.decode())
