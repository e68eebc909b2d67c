"""The rows of events as buyers know them, and of rounds of mails about them."""

from collections.abc import Sequence
from datetime import timedelta

import msgspec

from seatwright.contracts.catalog import EventId
from seatwright.delivery.domain.notices import Due, Kind, Round, Told
from seatwright.kit.postgres import Database, Reader, Writer, queries

_SQL = queries("seatwright.delivery")


async def to_come(database: Database) -> list[EventId]:
    """Events that buyers were told of and that are not over."""
    async with database.reading() as reader:
        return [EventId(row["event_id"]) for row in await reader.rows(_SQL["to_come"])]


async def told(reader: Reader, event: EventId) -> Told | None:
    """What buyers were last told of an event; None when that is nothing yet."""
    row = await reader.row(_SQL["told"], event)
    return None if row is None else Told(**dict(row))


async def tell(writer: Writer, event: EventId, now: Told, due: Sequence[Due]) -> None:
    """Keep what buyers are told from now on, and begin the rounds that tell them."""
    await writer.run(
        _SQL["tell"],
        event,
        now.document_version,
        now.state,
        now.starts_at,
        now.ends_at,
        now.doors_at,
        now.place,
    )
    for one in due:
        said = msgspec.json.encode(one.values).decode()
        await writer.run(_SQL["begin_round"], event, one.kind, one.number, said)


async def take(database: Database, *, lease: timedelta) -> Round | None:
    """A round that nobody works on, for `lease`; None when there is none."""
    rows = await database.atomically(_SQL["take_round"], lease)
    if not rows:
        return None
    row = rows[0]
    kind: Kind = row["kind"]
    return Round(
        event=EventId(row["event_id"]),
        kind=kind,
        number=row["number"],
        values=msgspec.json.decode(row["said"], type=dict[str, str]),
        told_to=row["told_to"],
    )


async def advance(
    database: Database, under_way: Round, *, told_to: str, orders: int, over: bool, lease: timedelta
) -> bool:
    """Note that orders up to `told_to` have their message; False when somebody else has gone on."""
    rows = await database.atomically(
        _SQL["advance_round"],
        under_way.event,
        under_way.kind,
        under_way.number,
        under_way.told_to,
        told_to,
        orders,
        over,
        lease,
    )
    return bool(rows)
