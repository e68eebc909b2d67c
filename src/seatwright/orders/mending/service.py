"""Differences between what we sold and what gateways have, for the person who must settle them."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from seatwright.kit import clock
from seatwright.kit.errors import Conflict, Expected, NotFound, invalid
from seatwright.kit.postgres import Database, queries

_Q = queries("seatwright.orders.mending")
WHY_LENGTH_MAX = 500
_ID_MAX = 2**63 - 1


class BreakNotFound(NotFound):
    """No difference has this number."""

    code = "break_not_found"
    title = "No such break"


class BreakEnded(Conflict):
    """The difference was mended already; what was said then stays."""

    code = "break_ended"
    title = "Mended already"


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """
    A difference. Open while `mended_at` is None; `mended_why` is the word of the person who ended
    it, None where it was mended by itself.
    """

    id: int
    kind: str
    event: str | None
    order: str | None
    reference: str | None
    detail: str
    found_at: datetime
    mended_at: datetime | None
    mended_why: str | None


class Breaks:
    """The use case."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def listed(self, *, ended: bool, at_most: int) -> list[Break]:
        """The latest that are open, with `ended` the mended ones as well; the oldest first."""
        async with self._database.reading() as reader:
            rows = await reader.rows(_Q["listed"], at_most, ended)
        return [_break(row) for row in reversed(rows)]

    async def end(self, number: int, *, why: str) -> Break:
        """
        Somebody has settled it in another way, and says how.

        From then on it is known: it is not reported again, and no money of that payment is given
        back by itself. Raises `Invalid`, `BreakNotFound`, or `BreakEnded`.
        """
        why = _readable(why)
        if not 0 < number <= _ID_MAX:
            raise BreakNotFound(f"There is no break {number}.")
        found = await self._database.atomically(_Q["end_by_word"], number, why)
        if not found:
            raise await self._not_open(number)
        return _break(found[0])

    async def _not_open(self, number: int) -> Expected:
        async with self._database.reading() as reader:
            row = await reader.row(_Q["one"], number)
        if row is None:
            return BreakNotFound(f"There is no break {number}.")
        how = row["mended_why"] or "by itself"
        return BreakEnded(f"Break {number} was mended at {clock.rfc3339(row['mended_at'])}: {how}")


def _readable(why: str) -> str:
    text = why.strip()
    if not text:
        raise invalid("/why", "required", "say how it was settled")
    if len(text) > WHY_LENGTH_MAX:
        raise invalid("/why", "too_long", f"at most {WHY_LENGTH_MAX} characters")
    if not text.isprintable():
        raise invalid("/why", "not_printable", "one line of readable text")
    return text


def _break(row: asyncpg.Record) -> Break:
    return Break(
        id=row["id"], kind=row["kind"], event=row["event_id"], order=row["order_id"],
        reference=row["reference"], detail=row["detail"], found_at=row["found_at"],
        mended_at=row["mended_at"], mended_why=row["mended_why"],
    )  # fmt: skip
