"""Secrets that went out by mail, as their hashes."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from seatwright.accounts.domain.emails import Email
from seatwright.accounts.domain.people import Link, Purpose, RegistrationId
from seatwright.accounts.store import QUERIES
from seatwright.contracts.accounts import PersonId
from seatwright.kit.postgres import Reader, Writer


async def add(
    writer: Writer,
    secret_hash: bytes,
    purpose: Purpose,
    email: Email,
    *,
    lasts: timedelta,
    person: PersonId | None = None,
    registration: RegistrationId | None = None,
) -> datetime:
    """Keep a link; answers when it ends."""
    row = await writer.row(
        QUERIES["add_link"],
        secret_hash,
        purpose,
        person,
        registration,
        email.text,
        email.key,
        lasts,
    )
    assert row is not None
    expires_at: datetime = row["expires_at"]
    return expires_at


def _link(row: Any, purpose: Purpose, *, used: bool, expired: bool) -> Link:
    return Link(
        purpose=purpose,
        person=PersonId(row["person"]) if row["person"] else None,
        registration=RegistrationId(row["registration"]) if row["registration"] else None,
        email=Email(row["email"], row["email_key"]),
        used=used,
        expired=expired,
    )


async def find(reader: Reader, secret_hash: bytes, purposes: Sequence[Purpose]) -> Link | None:
    """How a link for one of these purposes stands; using it is another call."""
    row = await reader.row(QUERIES["link"], secret_hash, list(purposes))
    if row is None:
        return None
    return _link(row, Purpose(row["purpose"]), used=row["used"], expired=row["expired"])


async def use(writer: Writer, secret_hash: bytes, purpose: Purpose) -> Link | None:
    """Use it up; None when it was used, has ended, or never was."""
    row = await writer.row(QUERIES["use_link"], secret_hash, purpose)
    return None if row is None else _link(row, purpose, used=True, expired=False)


async def drop(writer: Writer, person: PersonId) -> None:
    """Void what was mailed to a person and not used."""
    await writer.run(QUERIES["drop_links"], person)


async def drop_all(writer: Writer, person: PersonId, email: Email) -> None:
    """Forget what was ever mailed to a person or their address."""
    await writer.run(QUERIES["drop_all_links"], person, email.key)


async def sweep(writer: Writer, age: timedelta, rows_max: int) -> int:
    """Delete those that ended long ago; how many."""
    return len(await writer.rows(QUERIES["sweep_links"], age, rows_max))
