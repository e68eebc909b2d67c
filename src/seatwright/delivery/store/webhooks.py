"""The rows of webhook endpoints, of what happened, and of its deliveries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from asyncpg import Record

from seatwright.delivery.domain.webhooks import Attempt
from seatwright.kit import ids
from seatwright.kit.postgres import Database, Writer, queries

_SQL = queries("seatwright.delivery")


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where an organisation wants to be told of what."""

    id: str
    organisation: str
    url: str
    kinds: Sequence[str]
    contact: str
    language: str
    fingerprint: bytes
    generation: int
    rotated_at: datetime | None
    created_at: datetime
    failing_since: datetime | None
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A delivery to be attempted now, for the n-th time."""

    id: str
    attempt_count: int
    message: str
    body: bytes
    kind: str
    endpoint: str
    organisation: str
    url: str
    contact: str
    language: str
    generation: int
    rotated_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """A delivery as the log has it."""

    id: str
    message: str
    kind: str
    body: bytes
    state: str
    attempt_count: int
    attempted_at: datetime | None
    status: int | None
    reason: str | None
    due_at: datetime | None
    created_at: datetime


async def add(database: Database, endpoint: Endpoint, *, at_most: int) -> None:
    """Add an endpoint, unless it is there or there are `at_most`."""
    await database.atomically(
        _SQL["add_endpoint"],
        endpoint.id,
        endpoint.organisation,
        endpoint.url,
        list(endpoint.kinds),
        endpoint.contact,
        endpoint.language,
        endpoint.fingerprint,
        at_most,
    )


async def endpoint(database: Database, endpoint: str, organisation: str) -> Endpoint | None:
    """An endpoint of that organisation."""
    async with database.reading() as reader:
        row = await reader.row(_SQL["endpoint"], endpoint, organisation)
    return None if row is None else _endpoint(row)


async def endpoints(database: Database, organisation: str) -> list[Endpoint]:
    """Those of an organisation, newest first."""
    async with database.reading() as reader:
        return [_endpoint(row) for row in await reader.rows(_SQL["endpoints"], organisation)]


async def edit(database: Database, wanted: Endpoint, *, enabled: bool) -> bool:
    """Keep an endpoint's address, kinds and contact, and whether it is on; False: gone."""
    rows = await database.atomically(
        _SQL["edit_endpoint"],
        wanted.id,
        wanted.organisation,
        wanted.url,
        list(wanted.kinds),
        wanted.contact,
        enabled,
    )
    return bool(rows)


async def remove(database: Database, endpoint: str, organisation: str) -> bool:
    """Remove an endpoint; False when there is none."""
    return bool(await database.atomically(_SQL["remove_endpoint"], endpoint, organisation))


async def rotate(database: Database, endpoint: str, organisation: str, *, after: int) -> None:
    """Make the secret that follows generation `after`, unless there is one."""
    await database.atomically(_SQL["rotate_secret"], endpoint, organisation, after)


async def record(
    target: Database | Writer, *, message: str, organisation: str, kind: str, body: bytes
) -> None:
    """Keep what happened for whoever wants to hear of it; told again it changes nothing."""
    values = (message, organisation, kind, body, ids.sortable_id())
    if isinstance(target, Database):
        await target.atomically(_SQL["record_message"], *values)
    else:
        await target.run(_SQL["record_message"], *values)


async def take(database: Database, *, at_most: int, lease: timedelta) -> list[Taken]:
    """Deliveries that are due and nobody else's, for `lease`."""
    rows = await database.atomically(_SQL["take_webhooks"], at_most, lease)
    return [Taken(**{**dict(row), "body": bytes(row["body"])}) for row in rows]


async def waiting(database: Database) -> int:
    """How many deliveries are due."""
    async with database.reading() as reader:
        return int(await reader.value(_SQL["webhooks_waiting"]))


async def settle(
    database: Database, taken: Taken, attempt: Attempt, *, again_in: timedelta | None
) -> None:
    """Write down what came of an attempt."""
    await database.atomically(
        _SQL["settle_webhook"],
        taken.id,
        taken.attempt_count,
        attempt.sent,
        attempt.status,
        attempt.reason,
        again_in,
    )


async def disable(
    database: Database, endpoint: str, *, failing_for: timedelta, at_once: bool = False
) -> bool:
    """Switch an endpoint off when nothing has reached it for so long; whether it was."""
    rows = await database.atomically(_SQL["disable_endpoint"], endpoint, failing_for, at_once)
    return bool(rows)


async def log(
    database: Database, endpoint: str, *, after: str | None, at_most: int
) -> list[Logged]:
    """What an endpoint was sent, newest first, behind the id `after`."""
    async with database.reading() as reader:
        rows = await reader.rows(_SQL["webhook_log"], endpoint, after, at_most)
    return [Logged(**{**dict(row), "body": bytes(row["body"])}) for row in rows]


async def forget(database: Database, *, older: timedelta) -> None:
    """Drop what has been in the log for so long, unless it is still tried."""
    await database.atomically(_SQL["forget_webhooks"], older)
    await database.atomically(_SQL["forget_messages"], older)


async def replay(database: Database, endpoint: str, delivery: str) -> bool:
    """Send it again; False when the endpoint has no such delivery."""
    await database.atomically(_SQL["replay_webhook"], delivery, endpoint)
    async with database.reading() as reader:
        return await reader.value(_SQL["webhook_there"], delivery, endpoint) is not None


def _endpoint(row: Record) -> Endpoint:
    return Endpoint(**{**dict(row), "fingerprint": bytes(row["fingerprint"])})
