"""People and registrations."""

from datetime import timedelta
from typing import Any

import asyncpg

from seatwright.accounts.domain.emails import Email
from seatwright.accounts.domain.people import Person, Registration, RegistrationId
from seatwright.accounts.store import QUERIES
from seatwright.contracts.accounts import PersonId
from seatwright.kit.errors import Conflict
from seatwright.kit.postgres import Reader, Writer


class AddressTaken(Conflict):
    """Somebody else has proven this address meanwhile."""

    code = "address_taken"
    title = "Address taken"


def _person(row: Any) -> Person | None:
    if row is None:
        return None
    return Person(
        id=PersonId(row["id"]),
        email=Email(row["email"], row["email_key"]),
        name=row["name"],
        phone=row["phone"],
        language=row["language"],
        marketing_consent_at=row["marketing_consent_at"],
        password_hash=row["password_hash"],
        created_at=row["created_at"],
    )


async def by_email(reader: Reader, email: Email) -> Person | None:
    """Whoever has proven this address."""
    return _person(await reader.row(QUERIES["person_by_email"], email.key))


async def by_id(reader: Reader, person: PersonId) -> Person | None:
    """A person who was not erased."""
    return _person(await reader.row(QUERIES["person_by_id"], person))


async def locked(writer: Writer, person: PersonId) -> Person | None:
    """The same, kept from changing until the transaction ends."""
    return _person(await writer.row(QUERIES["locked_person"], person))


async def add(writer: Writer, person: PersonId, registration: RegistrationId) -> bool:
    """Make a person of a registration; False when the address has an account already."""
    return await writer.row(QUERIES["add_person"], person, registration) is not None


async def edit(writer: Writer, person: Person, *, marketing_consent: bool) -> None:
    """Write name, phone, language and consent."""
    await writer.run(
        QUERIES["edit_profile"],
        person.id,
        person.name,
        person.phone,
        person.language,
        marketing_consent,
    )


async def set_password(writer: Writer, person: PersonId, password_hash: str) -> None:
    """Write a new hash."""
    await writer.run(QUERIES["set_password"], person, password_hash)


async def set_email(writer: Writer, person: PersonId, email: Email) -> None:
    """Write a proven address; raises `AddressTaken`."""
    try:
        await writer.run(QUERIES["set_email"], person, email.text, email.key)
    except asyncpg.UniqueViolationError:
        raise AddressTaken("This address belongs to an account already.") from None


async def erase(writer: Writer, person: PersonId) -> None:
    """Leave nothing but the id."""
    await writer.run(QUERIES["erase_person"], person)


async def add_registration(writer: Writer, registration: Registration) -> None:
    """Keep what somebody typed to register."""
    await writer.run(
        QUERIES["add_registration"],
        registration.id,
        registration.email.text,
        registration.email.key,
        registration.name,
        registration.language,
        registration.marketing_consent,
        registration.password_hash,
    )


async def newest_registration(
    reader: Reader, email: Email, within: timedelta
) -> Registration | None:
    """The newest registration of an address, without its hash."""
    row = await reader.row(QUERIES["newest_registration"], email.key, within)
    if row is None:
        return None
    return Registration(
        id=RegistrationId(row["id"]),
        email=Email(row["email"], row["email_key"]),
        name=row["name"],
        language=row["language"],
    )


async def drop_registrations(writer: Writer, email: Email) -> None:
    """The address is proven; the rest is void."""
    await writer.run(QUERIES["drop_registrations"], email.key)


async def sweep_registrations(writer: Writer, age: timedelta, rows_max: int) -> int:
    """Delete old ones; how many."""
    return len(await writer.rows(QUERIES["sweep_registrations"], age, rows_max))
