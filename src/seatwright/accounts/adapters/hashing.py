"""
Argon2id, a few at a time.

One hash takes 19 MiB and tens of milliseconds of a core. Three hundred log-ins at once would be
6 GB, so only `at_once` run, `waiting_max` more wait, and the rest are told to come back.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import VerifyMismatchError

from seatwright.kit import ids, telemetry
from seatwright.kit.errors import Unavailable

# OWASP Password Storage: m = 19 MiB, t = 2, p = 1 is the least that is advised.
MEMORY_KIB = 19 * 1024
PASSES = 2
AT_ONCE = 2
# At some 40 ms a hash and two at once, the last in the queue waits about two seconds.
WAITING_MAX = 100

UNDER_WAY = telemetry.gauge("password_hashes", "Password hashes running or waiting")
TURNED_AWAY = telemetry.counter("password_hashes_refused_total", "Hashes not begun: queue full")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the password fits, and whether its hash should be made anew."""

    fits: bool
    outdated: bool


class Hasher:
    """Makes and checks password hashes in threads; threads are the bound on memory."""

    def __init__(
        self,
        *,
        memory_kib: int = MEMORY_KIB,
        passes: int = PASSES,
        at_once: int = AT_ONCE,
        waiting_max: int = WAITING_MAX,
    ) -> None:
        self._argon2 = PasswordHasher(
            time_cost=passes, memory_cost=memory_kib, parallelism=1, type=Type.ID
        )
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="argon2")
        self._under_way_max = at_once + waiting_max
        self._under_way = 0
        # For addresses that nobody has: checking against it takes as long as against a real one.
        self._nobody = self._argon2.hash(ids.secret())

    async def hash(self, password: str) -> str:
        """A new hash, parameters and salt within; raises `Unavailable` when too many wait."""
        return await self._in_thread(lambda: self._argon2.hash(password))

    async def verify(self, hashed: str | None, password: str) -> Verdict:
        """
        Whether `password` is the one of `hashed`.

        None stands for nobody: never fits, and takes the same time. Raises `Unavailable` when
        too many wait.
        """
        against = self._nobody if hashed is None else hashed
        fits = await self._in_thread(lambda: self._fits(against, password))
        if hashed is None or not fits:
            return Verdict(fits=False, outdated=False)
        return Verdict(fits=True, outdated=self._argon2.check_needs_rehash(hashed))

    def close(self) -> None:
        """End the threads; what waits is dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _fits(self, hashed: str, password: str) -> bool:
        try:
            return self._argon2.verify(hashed, password)
        except VerifyMismatchError:
            return False

    async def _in_thread(self, work: Callable[[], T]) -> T:
        # Degraded answer: 503 with a second's patience; a fast no is kinder than a slow one.
        if self._under_way >= self._under_way_max:
            TURNED_AWAY.inc()
            raise Unavailable("Too many people log in at once.", code="busy", retry_after_s=1)
        self._count(1)
        job = asyncio.get_running_loop().run_in_executor(self._threads, work)
        # Counted down when the thread is done, not when an impatient caller is.
        job.add_done_callback(lambda _: self._count(-1))
        return await asyncio.shield(job)

    def _count(self, change: int) -> None:
        self._under_way += change
        UNDER_WAY.set(self._under_way)
