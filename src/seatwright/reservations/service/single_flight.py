"""Many ask for the same thing at once: one fetches it, all get it."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Answer = TypeVar("Answer")


class SingleFlight(Generic[Key, Answer]):
    """Calls for one key share one run; a caller that is cancelled leaves the run to the others."""

    def __init__(self) -> None:
        self._running: dict[Key, asyncio.Task[Answer]] = {}

    async def run(self, key: Key, fetch: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer of the run that is under way, or of a new one; its refusal goes to all."""
        task = self._running.get(key)
        # A run that has ended may stay here until the loop comes round: it is history.
        if task is None or task.done():
            task = asyncio.get_running_loop().create_task(_fetched(fetch))
            self._running[key] = task
            task.add_done_callback(lambda done: self._land(key, done))
        return await asyncio.shield(task)

    def _land(self, key: Key, task: "asyncio.Task[Answer]") -> None:
        if self._running.get(key) is task:
            del self._running[key]
        if not task.cancelled():
            task.exception()  # read: nobody may be left to hear of it


async def _fetched(fetch: Callable[[], Awaitable[Answer]]) -> Answer:
    return await fetch()
