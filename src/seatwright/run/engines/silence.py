"""
Engines whose process lives and that answer nothing: stopped, stuck on a disk, turning in a loop.

Nobody is killed for it: a database that only waits for its disk would recover for longer than it
waits, and one that a person has stopped is being looked at. The person is told, once when it begins
and once when it is over, and `seatwright doctor` says what to do.
"""

import asyncio
from collections.abc import Callable

import asyncpg

from seatwright.kit import clock
from seatwright.run.engines.lifeline import Lifeline
from seatwright.run.engines.probe import PROBE_TIMEOUT_S
from seatwright.run.engines.readiness import Server

LOOK_EVERY_S = 2.0


async def tell_of_silence(
    lifeline: Lifeline, server: Server, *, say: Callable[[str], None]
) -> None:
    """Ask `server` now and then, without end; `say` when it falls silent and when it is back."""
    silent: tuple[int, float] | None = None
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        process, began = lifeline.pids[server.name], clock.monotonic()
        answered = await _answers(server)
        if lifeline.pids[server.name] != process or (silent is not None and silent[0] != process):
            # It has ended and was started again, and that is told by those who did it.
            silent = None
        elif answered is True and silent is not None:
            say(f"{server.name} answers again after {clock.monotonic() - silent[1]:.0f} s")
            silent = None
        elif answered is False and silent is None:
            silent = (process, began)
            say(
                f"{server.name} does not answer: its process {process} lives, and said nothing for"
                f" {PROBE_TIMEOUT_S:.0f} s; `seatwright doctor` says what to do"
            )


async def _answers(server: Server) -> bool | None:
    """
    Whether it answers; None when it refuses or is not there.

    Then it has ended or begins, which its supervisor sees and tells, or it has too much to do.
    """
    try:
        async with asyncio.timeout(PROBE_TIMEOUT_S):
            await server.ready()
    except TimeoutError:
        return False
    except (OSError, EOFError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return None
    return True
