"""The rows of comparing: how far each pass has come, strays and breaks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from seatwright.kit.postgres import Database, queries
from seatwright.orders.domain.comparing import Ours

_Q = queries("seatwright.orders.comparing")


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of a gateway's list, ours until the lease ends; `cursor` is the gateway's."""

    gateway: str
    passing: str
    since: datetime
    before: datetime
    cursor: str | None
    leased_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    """A payment to look at, ours until the lease ends; `hinted` when a webhook is all we know."""

    gateway: str
    reference: str
    looks: int
    hinted: bool
    due_at: datetime
    leased_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """A difference that somebody must hear of."""

    kind: str
    event: str | None
    order: str | None
    reference: str
    detail: str


class ComparingStore:
    """Reads attempts; writes comparisons, strays and breaks."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def window(
        self, gateway: str, passing: str, *, ago: timedelta, least: timedelta, lease: timedelta
    ) -> Window | None:
        """What to compare next, or None when there is nothing, or somebody else is at it."""
        await self._database.atomically(_Q["begin_pass"], gateway, passing)
        rows = await self._database.atomically(
            _Q["take_window"], gateway, passing, ago, least, lease
        )
        if not rows:
            return None
        (row,) = rows
        return Window(
            gateway=gateway, passing=passing, since=row["compared_to"], before=row["window_to"],
            cursor=row["cursor"], leased_until=row["leased_until"],
        )  # fmt: skip

    async def ours(self, references: Sequence[str]) -> dict[str, Ours]:
        """Our attempts among these names."""
        async with self._database.reading() as reader:
            rows = await reader.rows(_Q["ours"], list(references))
        return {
            row["reference"]: Ours(
                event=row["event_id"], order=row["order_id"], state=row["state"],
                amount=row["amount"], currency=row["currency"],
            )
            for row in rows
        }  # fmt: skip

    async def compared(
        self,
        window: Window,
        *,
        strays: Mapping[str, timedelta],
        breaks: Sequence[Break],
        mended: tuple[Sequence[str], Sequence[str]],
        cursor: str | None,
        lease: timedelta,
    ) -> bool:
        """
        Write down what a page showed, and how far it led; False when the lease was lost.

        `mended` are kinds of breaks that are over, and the payments they were about.
        """
        async with self._database.transaction() as tx:
            if strays:
                await tx.run(_Q["note_strays"], window.gateway, list(strays), list(strays.values()))
            if breaks:
                await tx.run(_Q["note_breaks"], *_break_columns(breaks))
            if mended[1]:
                await tx.run(_Q["mend_breaks"], *map(list, mended))
            row = await tx.row(
                _Q["advance"], window.gateway, window.passing, window.leased_until, cursor, lease
            )
        return row is not None

    async def lag(self) -> dict[tuple[str, str], float]:
        """Seconds since the end of what each pass has compared."""
        async with self._database.reading() as reader:
            rows = await reader.rows(_Q["lag"])
        return {(row["gateway"], row["pass"]): row["seconds"] for row in rows}

    async def due(self, most: int, lease: timedelta) -> list[Stray]:
        """Strays to look at now; nobody else gets them until the lease ends."""
        rows = await self._database.atomically(_Q["due_strays"], most, lease)
        return [
            Stray(
                gateway=row["gateway"], reference=row["reference"], looks=row["looks"],
                hinted=row["hinted"], due_at=row["due_at"], leased_until=row["leased_until"],
            )
            for row in rows
        ]  # fmt: skip

    async def report(self, breaks: Sequence[Break]) -> None:
        """Write differences down, once each until they are mended."""
        await self._database.atomically(_Q["note_breaks"], *_break_columns(breaks))

    async def end(self, stray: Stray, mended: Sequence[str]) -> None:
        """Nothing is left of it; open breaks of these kinds about it are mended."""
        await self._database.atomically(
            _Q["end_stray"], stray.gateway, stray.reference, stray.leased_until, stray.due_at,
            list(mended),
        )  # fmt: skip

    async def rest(self, stray: Stray, rest: timedelta) -> None:
        """Look again after `rest`, or when somebody asked for it meanwhile."""
        await self._database.atomically(
            _Q["rest_stray"], stray.gateway, stray.reference, stray.leased_until, stray.due_at, rest
        )


def _break_columns(breaks: Sequence[Break]) -> list[list[str | None]]:
    return [
        [one.kind for one in breaks],
        [one.event for one in breaks],
        [one.order for one in breaks],
        [one.reference for one in breaks],
        [one.detail for one in breaks],
    ]
