"""
One seeded scheduler, one clock, and processes that die.

Whatever is simulated passes a gate (`World.pause`). Nobody goes on until everybody waits; then the
seed says who does, and perhaps that a process ends there, with all that it had in memory. What
PostgreSQL is asked goes between two gates, so its order is the seed's as well.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

BEGAN = datetime(2031, 5, 1, 12, tzinfo=UTC)
STEPS_MAX = 20_000
_process: ContextVar["Process | None"] = ContextVar("process", default=None)
_actor: ContextVar[str] = ContextVar("actor", default="world")


class Dead(BaseException):
    """The world is over; no handler of the product may swallow it."""


class Lost(Exception):  # noqa: N818  # an outcome, not a fault
    """Whoever asked has no answer, and does not know what was done."""


@dataclass(eq=False)
class Process:
    """What dies together. `parts` is the product, built anew for each."""

    name: str
    parts: Any = None
    dead: bool = False
    waiting: list["asyncio.Future[Any]"] = field(default_factory=list)


@dataclass(eq=False)
class _Gate:
    process: Process | None
    actor: str
    label: str
    at: float
    future: "asyncio.Future[None]"


class World:
    """A universe that its seed decides."""

    def __init__(self, seed: int, *, crash_share: float = 0.004) -> None:
        self.seed = seed
        self.random = Random(seed)
        self.now_s = 0.0
        self.history: list[str] = []
        self.healed = False
        self.over = False
        self.died: list[Process] = []
        self.on_death: Callable[[Process], None] = lambda process: None
        self.crash_share = crash_share
        self._gates: list[_Gate] = []
        self._tasks: list[asyncio.Task[Any]] = []
        self._busy = 0
        self._free = asyncio.Event()
        self._free.set()

    @property
    def now(self) -> datetime:
        return BEGAN + timedelta(seconds=self.now_s)

    def happens(self, share: float) -> bool:
        """Whether a fault of this share happens now; after the healing none does."""
        return not self.healed and self.random.random() < share

    def note(self, what: str) -> None:
        self.history.append(f"{self.now_s:9.3f} {_actor.get()}: {what}")

    async def pause(self, label: str, rest_s: float = 0.0) -> None:
        """Wait for one's turn, at the earliest after `rest_s` seconds of this world."""
        if self.over:
            raise Dead
        gate = _Gate(
            _process.get(), _actor.get(), label, self.now_s + rest_s,
            asyncio.get_running_loop().create_future(),
        )  # fmt: skip
        if gate.process is None or not gate.process.dead:
            self._gates.append(gate)
        await gate.future

    def busy(self, more: int) -> None:
        """One more, or one less, is at the database."""
        self._busy += more
        if self._busy:
            self._free.clear()
        else:
            self._free.set()

    def start(
        self, name: str, work: Callable[[], Awaitable[Any]], process: Process | None = None
    ) -> "asyncio.Task[Any]":
        """Let an actor live, in a process or outside all of them."""

        async def live() -> Any:
            _actor.set(name)
            _process.set(process)
            return await work()

        task = asyncio.get_running_loop().create_task(live(), name=name)
        self._tasks.append(task)
        return task

    async def ask(self, process: Process, name: str, work: Callable[[], Awaitable[Any]]) -> Any:
        """What `process` answers; raises `Lost` when it dies before, or the answer gets lost."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        process.waiting.append(answer)

        async def serve() -> None:
            try:
                result, fault = await work(), None
            except Exception as refused:  # noqa: BLE001  # it is the answer
                result, fault = None, refused
            if answer.done():
                return
            if self.happens(0.03):
                answer.set_exception(Lost())
            elif fault is not None:
                answer.set_exception(fault)
            else:
                answer.set_result(result)

        self.start(f"{process.name}/{name}", serve, process)
        return await answer

    def kill(self, process: Process) -> None:
        """End a process between two steps: nothing of it ever goes on."""
        self.note(f"{process.name} dies")
        process.dead = True
        self.died.append(process)
        self._gates = [gate for gate in self._gates if gate.process is not process]
        for answer in process.waiting:
            if not answer.done():
                answer.set_exception(Lost())
        self.on_death(process)

    async def run(self, until: "asyncio.Task[Any]") -> None:
        """Let the seed decide until `until` has ended; then end everybody."""
        try:
            for _ in range(STEPS_MAX):
                await self._quiet()
                if until.done():
                    return
                self._step()
            raise AssertionError(f"no end after {STEPS_MAX} steps")
        finally:
            await self._end()

    def _step(self) -> None:
        assert self._gates, "everybody waits, and nobody for anything of this world"
        ready = [gate for gate in self._gates if gate.at <= self.now_s]
        if not ready:
            self.now_s = min(gate.at for gate in self._gates)
            return
        gate = self.random.choice(ready)
        self.now_s += self.random.random() * 0.02
        if gate.process is not None and self.happens(self.crash_share):
            self.kill(gate.process)
            return
        self._gates.remove(gate)
        self.history.append(f"{self.now_s:9.3f} {gate.actor}: {gate.label}")
        gate.future.set_result(None)

    async def _quiet(self) -> None:
        # Everybody has run until they wait: nothing is ready in the loop, nothing is asked of
        # PostgreSQL.
        ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
        await asyncio.sleep(0)
        while ready or self._busy:
            await self._free.wait()
            await asyncio.sleep(0)

    async def _end(self) -> None:
        self.over = True
        mine = asyncio.current_task()
        for _ in range(10):
            left = [t for t in asyncio.all_tasks() if t is not mine and self._is_ours(t)]
            if not left:
                break
            for gate in self._gates:
                if not gate.future.done():
                    gate.future.set_exception(Dead())
            self._gates.clear()
            for task in left:
                task.cancel()
            await asyncio.wait(left, timeout=1)
        for task in self._tasks:
            if task.done() and not task.cancelled():
                task.exception()

    def _is_ours(self, task: "asyncio.Task[Any]") -> bool:
        return task in self._tasks or task.get_name() in {"place", "commit", "webhooks"}
