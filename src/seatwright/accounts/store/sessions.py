"""Sessions and who is behind them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from seatwright.accounts.domain import lifetimes
from seatwright.accounts.domain.bearer import SessionId
from seatwright.accounts.domain.people import Session
from seatwright.accounts.domain.roles import Role
from seatwright.accounts.store import QUERIES
from seatwright.contracts.accounts import PersonId
from seatwright.contracts.catalog import OrganisationId
from seatwright.kit.postgres import Reader, Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedIn:
    """The person of a session, and their roles."""

    session: SessionId
    person: PersonId
    name: str
    email: str
    roles: tuple[tuple[OrganisationId, Role], ...]


async def add(
    writer: Writer, session: SessionId, secret_hash: bytes, person: PersonId, device: str
) -> datetime:
    """Begin a session, ending the oldest beyond the limit; answers when it began."""
    row = await writer.row(QUERIES["add_session"], session, secret_hash, person, device)
    assert row is not None
    await writer.run(QUERIES["trim_sessions"], person, lifetimes.SESSIONS_PER_PERSON_MAX)
    created_at: datetime = row["created_at"]
    return created_at


async def find(reader: Reader, secret_hash: bytes) -> LoggedIn | None:
    """Who is behind a session that has not ended."""
    row = await reader.row(
        QUERIES["session"],
        secret_hash,
        lifetimes.STAFF_IDLE,
        lifetimes.STAFF_ABSOLUTE,
        lifetimes.BUYER_ABSOLUTE,
    )
    if row is None:
        return None
    roles = zip(row["organisations"], row["roles"], strict=True)
    return LoggedIn(
        session=SessionId(row["session"]),
        person=PersonId(row["person"]),
        name=row["name"],
        email=row["email"],
        roles=tuple((OrganisationId(organisation), Role(role)) for organisation, role in roles),
    )


async def of_person(reader: Reader, person: PersonId, current: bytes) -> list[Session]:
    """A person's sessions, newest first."""
    rows = await reader.rows(QUERIES["sessions_of"], person, current, lifetimes.BUYER_ABSOLUTE)
    return [
        Session(
            id=SessionId(row["id"]),
            device=row["device"],
            created_at=row["created_at"],
            last_seen_at=row["last_seen_at"],
            current=row["current"],
        )
        for row in rows
    ]


async def drop(writer: Writer, person: PersonId, session: SessionId) -> bool:
    """End one of a person's own."""
    return await writer.row(QUERIES["drop_session"], person, session) is not None


async def drop_by_secret(writer: Writer, secret_hash: bytes) -> tuple[SessionId, PersonId] | None:
    """End the session with this secret; its id and person."""
    row = await writer.row(QUERIES["drop_session_by_secret"], secret_hash)
    return None if row is None else (SessionId(row["id"]), PersonId(row["person"]))


async def drop_of_person(writer: Writer, person: PersonId, *, spare: bytes = b"") -> int:
    """End all of a person but the one with this secret; how many."""
    return len(await writer.rows(QUERIES["drop_sessions"], person, spare))


async def mark_seen(writer: Writer, sessions: Collection[SessionId]) -> None:
    """Write that these were used just now."""
    await writer.run(QUERIES["mark_seen"], list(sessions), lifetimes.SEEN_WRITTEN_EVERY)


async def sweep(writer: Writer, age: timedelta, rows_max: int) -> int:
    """Delete those that have ended; how many."""
    return len(await writer.rows(QUERIES["sweep_sessions"], age, rows_max))
