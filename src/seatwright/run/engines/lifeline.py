"""
The program's end of the pipe to its supervisor (`supervisor.py`).

    lifeline = await Lifeline.open(data)
    pid = await lifeline.run(Command(name="api-1", argv=[sys.executable, "-m", "seatwright", …]))
    …
    death = await lifeline.death()      # returns when something ended that nobody stopped
    await lifeline.close()              # stops all, highest stage first

Holding a `Lifeline` is owning the data folder: a second one on the same folder is refused.
"""

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, cast

from typing_extensions import override

from seatwright.kit import clock
from seatwright.run.engines.accounts import Account
from seatwright.run.engines.notes import forget_processes, keep_processes
from seatwright.run.engines.trouble import EngineTrouble, FolderInUse

START_TIMEOUT_S = 10.0
# A predecessor that was killed needs this long at most to bring its engines down.
HANDOVER_TIMEOUT_S = 45.0
STOP_TIMEOUT_S = 60.0
LOG_LINES_SHOWN = 8

STAGE_ENGINE = 0
STAGE_SERVICE = 10
STAGE_GATEWAY = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """
    Start again after an end that nobody asked for: the pause doubles up to `most_s`.

    The default never gives up: a service that cannot stay takes nothing with it but itself.
    """

    first_s: float = 0.2
    most_s: float = 10.0
    # After this long without a failure the pause and the count begin from the start.
    steady_s: float = 30.0
    # So many starts in a row are tried; None is without end.
    at_most: int | None = None


# Nothing is sold without an engine, so it is worth several tries: PostgreSQL refuses to start while
# children of its killed parent are still dying. The pauses are 11 s together; then a person has
# to look.
RESTART_ENGINE = Restart(first_s=0.1, most_s=5.0, steady_s=10.0, at_most=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """
    One process to keep.

    `env` is the whole environment. `log` None writes to the program's own standard error.
    `stop` is a ladder of (signal name, seconds of patience); SIGKILL follows by itself.
    Higher stages are stopped first and completely before the next lower one.
    """

    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    cwd: Path | None = None
    log: Path | None = None
    account: Account | None = None
    stage: int = STAGE_SERVICE
    stop: Sequence[tuple[str, float]] = (("SIGTERM", 10.0),)
    restart: Restart | None = None

    def wire(self) -> dict[str, Any]:
        """The line the supervisor reads."""
        restart = self.restart
        return {
            "do": "run",
            "name": self.name,
            "argv": [str(a) for a in self.argv],
            "env": dict(self.env),
            "cwd": None if self.cwd is None else str(self.cwd),
            "log": None if self.log is None else str(self.log),
            "user": None if self.account is None else self.account.uid,
            "group": None if self.account is None else self.account.gid,
            "stage": self.stage,
            "stop": [list(rung) for rung in self.stop],
            "restart": None if restart is None else asdict(restart),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Death:
    """A process ended unasked. `code` is the exit code, negative for a signal."""

    name: str
    code: int
    # Seconds until it is started again; None when it is not.
    again_s: float | None
    last_lines: str
    # How often in a row it had been started again before this end.
    again: int = 0

    @property
    def how(self) -> str:
        """Its name and its end, without a full stop."""
        how = f"was killed by signal {-self.code}" if self.code < 0 else f"ended with {self.code}"
        return f"{self.name} {how}"

    @override
    def __str__(self) -> str:
        tries = f", after {self.again} starts in a row" if self.again and not self.again_s else ""
        said = f" Its last words:\n{self.last_lines}" if self.last_lines else ""
        return f"{self.how}{tries}.{said}"


class _Reports(asyncio.SubprocessProtocol):
    """Turns the supervisor's lines into finished futures."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.logs: dict[str, Path] = {}
        self.pids: dict[str, int] = {}
        self.commands: dict[str, Command] = {}
        self.pending = b""
        self.greeting: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self.starting: dict[str, asyncio.Future[int]] = {}
        self.ended: dict[str, asyncio.Future[Death]] = {}
        self.deaths: asyncio.Queue[Death] = asyncio.Queue()
        self.gone = asyncio.Event()

    @override
    def pipe_data_received(self, fd: int, data: bytes) -> None:
        assert fd == 1
        *lines, self.pending = (self.pending + data).split(b"\n")
        for line in lines:
            self._take(json.loads(line))

    def _take(self, report: dict[str, Any]) -> None:
        name = report.get("name", "")
        if "pid" in report:
            self.pids[name] = int(report["pid"])
            # Told for the doctor's sake only: a full disk must not end the watch over engines.
            with suppress(OSError):
                keep_processes(self.data, self.pids)
        match report["what"]:
            case "ready" | "locked":
                self.greeting.set_result(report)
            case "started" if (started := self.starting.pop(name, None)) is not None:
                started.set_result(report["pid"])
            case "failed" if (started := self.starting.pop(name, None)) is not None:
                started.set_exception(
                    EngineTrouble(
                        f"{name} could not be executed: {report['error']}.",
                        remedy="Delete .venv and start again, so that the wheels are fresh.",
                    )
                )
            case "exited":
                self._ended(name, report)
            case _:
                pass

    def _ended(self, name: str, report: dict[str, Any]) -> None:
        death = Death(
            name=name,
            code=report["code"],
            again_s=report["again_s"],
            last_lines=last_lines(self.logs.get(name)),
            again=report["again"],
        )
        if report["unasked"]:
            self.deaths.put_nowait(death)
        waiting = self.ended.pop(name, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(death)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        # Not `process_exited`: that may come before the last lines have been read.
        self.gone.set()
        self.deaths.put_nowait(Death(name="supervisor", code=-9, again_s=None, last_lines=""))
        if not self.greeting.done():
            self.greeting.set_result({"what": "gone"})


class Lifeline:
    """As long as this is open, so are the processes started through it."""

    def __init__(
        self, transport: asyncio.SubprocessTransport, reports: _Reports, greeting: dict[str, Any]
    ) -> None:
        self._transport = transport
        self._reports = reports
        # A private short-lived folder (sockets, TMPDIR), removed by the supervisor at its end.
        self.scratch = Path(greeting["scratch"])
        self.supervisor_pid = int(greeting["pid"])

    @classmethod
    async def open(cls, data: Path, *, scratch_root: Path) -> "Lifeline":
        """
        Start a supervisor that owns `data`.

        A predecessor that is still taking its engines down is waited for; one that runs is
        refused with `FolderInUse`.
        """
        deadline = clock.monotonic() + HANDOVER_TIMEOUT_S
        while True:
            transport, reports, greeting = await _greet(data, scratch_root)
            if greeting["what"] == "ready":
                return cls(transport, reports, greeting)
            transport.close()
            if greeting["what"] == "gone":
                raise EngineTrouble(
                    "The supervisor of the engines ended at once.",
                    remedy=f"{data / 'logs' / 'supervisor.log'} says why.",
                )
            program = int(greeting.get("program", 0))
            if clock.monotonic() > deadline or process_lives(program):
                raise FolderInUse(
                    f"The engines of {data} already run (process {program}).",
                    remedy="Stop that program first, or choose another folder with --data.",
                )
            await asyncio.sleep(0.1)

    async def run(self, command: Command) -> int:
        """Start `command`; its process id. Raises `EngineTrouble` when it cannot be executed."""
        reports = self._reports
        reports.commands[command.name] = command
        if command.log is not None:
            reports.logs[command.name] = command.log
        started: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        reports.starting[command.name] = started
        self._say(command.wire())
        async with asyncio.timeout(START_TIMEOUT_S):
            return await started

    def end_of(self, name: str) -> "asyncio.Future[Death]":
        """Done when `name` next ends, asked or not."""
        return self._reports.ended.setdefault(name, asyncio.get_running_loop().create_future())

    @property
    def pids(self) -> Mapping[str, int]:
        """The last known process id of everything started here, by name."""
        return self._reports.pids

    @property
    def commands(self) -> Mapping[str, Command]:
        """How everything here was last started, by name: an engine that died is run by it again."""
        return self._reports.commands

    async def halt(self, name: str) -> Death:
        """Stop one process by its ladder and wait until it is gone."""
        gone = self.end_of(name)
        self._say({"do": "halt", "name": name})
        async with asyncio.timeout(STOP_TIMEOUT_S):
            return await gone

    async def death(self) -> Death:
        """Wait for the next end that nobody asked for; `again_s` says whether it comes back."""
        return await self._reports.deaths.get()

    def excuse(self, name: str) -> None:
        """Forget deaths of `name` so far: its starter has dealt with them."""
        deaths = self._reports.deaths
        for _ in range(deaths.qsize()):
            death = deaths.get_nowait()
            if death.name != name:
                deaths.put_nowait(death)

    async def close(self) -> None:
        """Stop everything, highest stage first; returns when no process is left."""
        stdin = self._transport.get_pipe_transport(0)
        if stdin is not None:
            stdin.close()
        try:
            async with asyncio.timeout(STOP_TIMEOUT_S):
                await self._reports.gone.wait()
            forget_processes(self._reports.data)
        finally:
            self._transport.close()

    def _say(self, command: dict[str, Any]) -> None:
        stdin = self._transport.get_pipe_transport(0)
        if stdin is None or self._reports.gone.is_set():
            raise EngineTrouble("The supervisor of the engines is gone.", remedy="Start again.")
        # Not every loop's pipe (uvloop's) is an instance of the class it behaves like.
        cast("asyncio.WriteTransport", stdin).write(json.dumps(command).encode() + b"\n")


async def _greet(
    data: Path, scratch_root: Path
) -> tuple[asyncio.SubprocessTransport, _Reports, dict[str, Any]]:
    logs = data / "logs"
    logs.mkdir(exist_ok=True)
    loop = asyncio.get_running_loop()
    script = Path(__file__).with_name("supervisor.py")
    # -I -S: no site, no user folder, no PYTHON* variables; it starts in some 20 ms.
    argv = [sys.executable, "-I", "-S", str(script), str(data / "lock"), str(scratch_root)]
    with (logs / "supervisor.log").open("ab") as stderr:
        transport, reports = await loop.subprocess_exec(
            lambda: _Reports(data), *argv, stderr=stderr, start_new_session=True
        )
    async with asyncio.timeout(START_TIMEOUT_S):
        greeting = await reports.greeting
    return transport, reports, greeting


def process_lives(pid: int) -> bool:
    """Whether a process of this number exists."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def owner_of(data: Path) -> int | None:
    """The program that runs on a data folder now, by its supervisor's lock; None when none does."""
    try:
        owner = json.loads((data / "lock").read_text())
        program, supervisor = int(owner["program"]), int(owner["supervisor"])
    except (OSError, ValueError, KeyError):
        return None
    return program if process_lives(supervisor) else None


def last_lines(log: Path | None, count: int = LOG_LINES_SHOWN) -> str:
    """The end of a log, for a message; empty when there is none."""
    if log is None or not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 8192))
        text = file.read().decode("utf-8", "replace")
    return "\n".join(text.splitlines()[-count:])
