"""Asking the database whether the promises hold."""

from dataclasses import dataclass

from seatwright.kit.postgres import Database, queries

_Q = queries("seatwright.orders.checking")
INVARIANTS = tuple(sorted(name for name in _Q.names() if name.startswith("i_")))


@dataclass(frozen=True, slots=True)
class Violation:
    """An invariant and one row that breaks it; `event` and `what` say where."""

    invariant: str
    event: str
    what: str


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Work that is still on its way."""

    outbox: int
    paying: int
    uncaptured: int

    @property
    def settled(self) -> bool:
        """Nothing is on its way any more."""
        return not (self.outbox or self.paying or self.uncaptured)


@dataclass(frozen=True, slots=True)
class Totals:
    """What was sold: paid orders, captured money in minor units, tickets that open a gate."""

    paid: int
    captured: int
    tickets: int


class Checks:
    """The use case; reads only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def violations(self) -> list[Violation]:
        """Every broken invariant, at most twenty rows of each; empty is what it must be."""
        found = []
        for invariant in INVARIANTS:
            async with self._database.reading() as reader:
                rows = await reader.rows(_Q[invariant])
            found += [Violation(invariant, row["event_id"], row["what"]) for row in rows]
        return found

    async def unsettled(self) -> Unsettled:
        """How much is still open."""
        async with self._database.reading() as reader:
            row = await reader.row(_Q["unsettled"])
        assert row is not None
        return Unsettled(row["outbox"], row["paying"], row["uncaptured"])

    async def totals(self) -> Totals:
        """Sums to compare with the gateway's ledger."""
        async with self._database.reading() as reader:
            row = await reader.row(_Q["totals"])
        assert row is not None
        return Totals(row["paid"], row["captured"], row["tickets"])
