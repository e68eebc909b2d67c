"""
When an engine answers: at its start, and again after the supervisor has started it again.

A process that runs is not yet an engine that serves: PostgreSQL replays its log first, Valkey its
append-only file, NATS its streams.
"""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import asyncpg

from seatwright.kit import clock
from seatwright.run.engines.lifeline import Command, Death, Lifeline, last_lines
from seatwright.run.engines.trouble import EngineTrouble

# Recovery of a large write-ahead log after a crash is the longest of these waits.
READY_TIMEOUT_S = 120.0
PROBE_PAUSE_S = 0.02
# PostgreSQL's word for children of a killed predecessor that have not noticed yet.
_DYING = "is still in use"


class Server(Protocol):
    """One engine as this module needs it."""

    @property
    def name(self) -> str: ...  # noqa: D102  # said by the class

    def command(self) -> Command: ...  # noqa: D102  # said by the class

    async def ready(self) -> None: ...  # noqa: D102  # said by the class


async def answers(server: Server, end: "asyncio.Future[Death]") -> bool:
    """
    Ask until `server` answers (true) or its process has ended (false).

    Raises `EngineTrouble` after READY_TIMEOUT_S, or at once when it does not know our password.
    """
    deadline = clock.monotonic() + READY_TIMEOUT_S
    why: object = None
    while clock.monotonic() < deadline:
        if end.done():
            return False
        try:
            await server.ready()
        except asyncpg.InvalidPasswordError as refused:
            raise EngineTrouble(
                "PostgreSQL does not accept the password kept in secrets.json.",
                remedy="Put back the secrets.json that belongs to this data folder.",
            ) from refused
        except (OSError, TimeoutError, EOFError, asyncpg.PostgresError) as not_yet:
            why = not_yet
        else:
            return True
        await asyncio.sleep(PROBE_PAUSE_S)
    raise EngineTrouble(
        f"{server.name} did not answer within {READY_TIMEOUT_S:.0f} s ({why}).",
        remedy="Its log, in the folder logs beside the data, says what it waits for.",
    )


async def bring_up(lifeline: Lifeline, server: Server) -> None:
    """
    Start `server` and wait until it answers.

    Raises `EngineTrouble` when it ends instead: at its first start that is hardly bad luck, so the
    supervisor goes on trying only while a predecessor is dying.
    """
    command = server.command()
    end = lifeline.end_of(command.name)
    await lifeline.run(command)
    while not await answers(server, end):
        # Not its last words only: those children have a last word each.
        if end.result().again_s is None or _DYING not in last_lines(command.log, count=100):
            break
        end = lifeline.end_of(command.name)
    else:
        lifeline.excuse(command.name)
        return
    await lifeline.halt(command.name)
    lifeline.excuse(command.name)
    raise EngineTrouble(
        f"{end.result()}\n",
        remedy=f"Its whole log is {command.log}. Start again; if it stays so, "
        f"move the data folder aside to begin with an empty one.",
    )


async def lasting_failure(
    lifeline: Lifeline, servers: Mapping[str, Server], *, say: Callable[[str], None], logs: Path
) -> EngineTrouble:
    """
    Wait until something ends that is not started again, or an engine returns and does not answer.

    `servers` are the engines by name; whatever else ends has its own way to tell that it is ready.
    """
    returning: dict[str, asyncio.Task[None]] = {}
    ending = asyncio.ensure_future(lifeline.death())
    try:
        while True:
            await asyncio.wait([ending, *returning.values()], return_when=asyncio.FIRST_COMPLETED)
            for name in [name for name, task in returning.items() if task.done()]:
                trouble = returning.pop(name).exception()
                if isinstance(trouble, EngineTrouble):
                    return trouble
                assert trouble is None, trouble
            if not ending.done():
                continue
            death = ending.result()
            if death.again_s is None:
                remedy = f"Its whole log is in {logs}; start again to recover."
                return EngineTrouble(f"{death}\n", remedy=remedy)
            say(f"{death.how} and is started again in {death.again_s:.1f} s")
            server = servers.get(death.name)
            if server is not None and death.name not in returning:
                returning[death.name] = asyncio.ensure_future(_return(lifeline, server, say))
            ending = asyncio.ensure_future(lifeline.death())
    finally:
        for task in (ending, *returning.values()):
            task.cancel()
        await asyncio.gather(ending, *returning.values(), return_exceptions=True)


async def _return(lifeline: Lifeline, server: Server, say: Callable[[str], None]) -> None:
    began = clock.monotonic()
    back = False
    while not back:
        # When it died over its start, the next one comes by itself, or the last end is told.
        back = await answers(server, lifeline.end_of(server.name))
    say(f"{server.name} answers again after {clock.monotonic() - began:.1f} s")
