"""
Group commit: while one batch is being made durable, the next one gathers.

A `Lane` turns many small writes into few statements. Each submitter gets an answer of its own.
One whose content is refused does not fail its neighbours, nor does one whose rows somebody else
keeps locked: the batch is halved until it is alone.
A database that does not answer fails the whole batch at once: to ask it once for each write would
cost as many deadlines, and hold up everybody behind them.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Generic, TypeVar

import asyncpg

from seatwright.kit import clock, telemetry
from seatwright.kit.errors import Expected, TooMany, Unavailable, Unknown
from seatwright.kit.postgres import Locked

Item = TypeVar("Item")
Answer = TypeVar("Answer")

# PostgreSQL's classes of faults that come of what is written: cardinality, data, constraints, a
# transaction that met another's, program limits, and `insist` of our own schemas (SW).
_OF_THE_CONTENT = frozenset({"21", "22", "23", "40", "54", "SW"})
# Lost to a neighbour's transaction, which goes on: the same write may succeed the next moment.
_LOST_TO_ANOTHER = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)
_TRIES_MAX = 3
# Looking for whom a lock concerns holds up everybody behind them: what is still together after this
# time is refused together.
APART_TIME = timedelta(seconds=1)

BATCH_ITEMS = telemetry.histogram("lane_batch_items", "Writes that shared one commit", "lane")


@dataclass(slots=True)
class _Waiting(Generic[Item, Answer]):
    item: Item
    keys: frozenset[Hashable]
    future: "asyncio.Future[Answer]" = field(repr=False)


class Lane(Generic[Item, Answer]):
    """
    Writes that may share a commit.

    `run` makes a batch durable and answers one result or one refusal for each item, in order.
    `keys` names what two items of one batch must not share (a seat, an idempotency key): the
    later one waits for the next batch, where it sees what the earlier one did.
    """

    def __init__(
        self,
        name: str,
        run: Callable[[Sequence[Item]], Awaitable[Sequence[Answer | Expected]]],
        *,
        keys: Callable[[Item], Iterable[Hashable]],
        batches_at_once: int = 2,
        batch_items_max: int = 200,
        waiting_items_max: int = 5000,
    ) -> None:
        self._name = name
        self._run = run
        self._keys = keys
        self._free = batches_at_once
        self._batch_items_max = batch_items_max
        self._waiting_items_max = waiting_items_max
        self._waiting: deque[_Waiting[Item, Answer]] = deque()
        self._busy: set[Hashable] = set()
        self._running: set[asyncio.Task[None]] = set()
        self._sizes = BATCH_ITEMS.labels(name)

    async def submit(self, item: Item) -> Answer:
        """
        Wait until the item is durable.

        Raises the item's own refusal, `Unavailable` when nothing was written, `Unknown` when the
        batch's outcome is not known, or `TooMany` when the lane is longer than it may be.
        """
        if len(self._waiting) >= self._waiting_items_max:
            raise TooMany("More is being written than can be kept.", retry_after_s=1)
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(item, frozenset(self._keys(item)), future))
        self._start()
        # The write goes on when its caller is cancelled: it may already be on the wire.
        return await asyncio.shield(future)

    def _start(self) -> None:
        while self._free and (batch := self._gather()):
            self._free -= 1
            task = asyncio.get_running_loop().create_task(self._carry_out(batch), name=self._name)
            self._running.add(task)
            # Not at the task's own end: one that is cancelled before it begins has none.
            task.add_done_callback(partial(self._finish, batch))

    def _gather(self) -> list[_Waiting[Item, Answer]]:
        batch: list[_Waiting[Item, Answer]] = []
        passed_over: list[_Waiting[Item, Answer]] = []
        while self._waiting and len(batch) < self._batch_items_max:
            waiting = self._waiting.popleft()
            if waiting.keys & self._busy:
                passed_over.append(waiting)
            else:
                self._busy |= waiting.keys
                batch.append(waiting)
        self._waiting.extendleft(reversed(passed_over))
        return batch

    async def _carry_out(self, batch: list[_Waiting[Item, Answer]]) -> None:
        self._sizes.observe(len(batch))
        await self._settle(batch)

    def _finish(self, batch: list[_Waiting[Item, Answer]], task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        # Whoever has no answer by now was given up with the task, whatever part of the batch it
        # was at: nobody may wait for ever.
        _fail_all(batch, Unknown("The write was given up; it may have happened."))
        for waiting in batch:
            self._busy -= waiting.keys
        self._free += 1
        self._start()

    async def _settle(
        self,
        batch: list[_Waiting[Item, Answer]],
        tries: int = 1,
        locked_until: float | None = None,
    ) -> None:
        try:
            answers = await self._run([waiting.item for waiting in batch])
        except Locked as refusal:
            now = clock.monotonic()
            until = now + APART_TIME.total_seconds() if locked_until is None else locked_until
            if len(batch) > 1 and now < until:
                await self._settle_halves(batch, until)
            else:
                _fail_all(batch, refusal)
        except Expected as refusal:
            _fail_all(batch, refusal)
        except Exception as fault:  # noqa: BLE001  # each submitter must hear of it
            await self._settle_fault(batch, fault, tries, locked_until)
        else:
            _answer_all(batch, answers)

    async def _settle_halves(
        self, batch: list[_Waiting[Item, Answer]], locked_until: float | None
    ) -> None:
        middle = len(batch) // 2
        await self._settle(batch[:middle], locked_until=locked_until)
        await self._settle(batch[middle:], locked_until=locked_until)

    async def _settle_fault(
        self,
        batch: list[_Waiting[Item, Answer]],
        fault: Exception,
        tries: int,
        locked_until: float | None,
    ) -> None:
        if len(batch) > 1 and _is_of_the_content(fault):
            await self._settle_halves(batch, locked_until)
        elif not isinstance(fault, _LOST_TO_ANOTHER):
            _fail_all(batch, fault)
        elif tries < _TRIES_MAX:
            await self._settle(batch, tries + 1, locked_until)
        else:
            telemetry.DEGRADED.labels("postgres").inc()
            refusal = Unavailable("Others were writing the same, again and again. Try again.")
            refusal.__cause__ = fault
            _fail_all(batch, refusal)


def _is_of_the_content(fault: Exception) -> bool:
    # A fault that is none of PostgreSQL's came of putting the items into words.
    if not isinstance(fault, asyncpg.PostgresError):
        return True
    return (fault.sqlstate or "")[:2] in _OF_THE_CONTENT


def _answer_all(batch: list[_Waiting[Item, Answer]], answers: Sequence[Answer | Expected]) -> None:
    if len(answers) != len(batch):
        # Nobody may wait for ever, and nothing may be tried again: it is written already.
        _fail_all(batch, AssertionError("one answer for each item"))
        return
    for waiting, answer in zip(batch, answers, strict=True):
        if isinstance(answer, Expected):
            _fail_all([waiting], answer)
        elif not waiting.future.done():
            waiting.future.set_result(answer)


def _fail_all(batch: list[_Waiting[Item, Answer]], fault: BaseException) -> None:
    for waiting in batch:
        if not waiting.future.done():
            waiting.future.set_exception(fault)
            # A caller that went away leaves nobody to read it; that is no fault of ours.
            waiting.future.exception()
