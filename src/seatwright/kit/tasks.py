"""Background work that belongs to a process: started together, ended together."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Self

from seatwright.kit import ids
from seatwright.kit.log import log

_PAUSE_MAX = timedelta(seconds=30)
_CANCEL_AGAIN_S = 1.0


async def forever(
    name: str, step: Callable[[], Awaitable[timedelta | None]], *, idle: timedelta
) -> None:
    """
    Run `step` again and again until cancelled.

    A step answers how long to rest, or None for `idle`. A step that raises is logged and tried
    again with growing, jittered pauses: background work must outlive every engine's bad minute.
    """
    failures = 0
    while True:
        try:
            pause = await step()
            failures = 0
            rest = idle if pause is None else pause
        except asyncio.CancelledError:
            raise
        except Exception as fault:  # noqa: BLE001  # the loop is the edge of background work
            failures += 1
            log.warning("background_step_failed", task=name, failures=failures, fault=repr(fault))
            ceiling = min(_PAUSE_MAX.total_seconds(), 0.1 * 2 ** min(failures, 9))
            rest = timedelta(milliseconds=50 + ids.chance(int(ceiling * 1000)))
        await asyncio.sleep(rest.total_seconds())


class Background:
    """A set of tasks with one end. Use as an async context manager around a process's life."""

    def __init__(self) -> None:
        self._group: asyncio.TaskGroup | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._group = asyncio.TaskGroup()
        await self._group.__aenter__()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        assert self._group is not None
        pending = set(self._tasks)
        while pending:
            for task in pending:
                task.cancel()
            # Once is not enough: `asyncio.wait_for` of Python 3.11 and libraries that translate
            # CancelledError lose a cancellation that meets a result, and the loop goes on.
            _, pending = await asyncio.wait(pending, timeout=_CANCEL_AGAIN_S)
        await self._group.__aexit__(None, None, None)

    def start(self, coroutine: Callable[[], Awaitable[None]], name: str) -> None:
        """Run until the process ends; the coroutine handles its own faults."""
        assert self._group is not None

        async def body() -> None:
            await coroutine()

        task = self._group.create_task(body(), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
