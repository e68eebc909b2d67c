"""What a person says about themselves, and how they change it."""

from dataclasses import dataclass, replace

from seatwright.accounts.domain import bearer, lifetimes, passwords
from seatwright.accounts.domain.emails import Email
from seatwright.accounts.domain.people import Person, Purpose
from seatwright.accounts.service import letters, limits
from seatwright.accounts.service.desk import Desk, Visitor
from seatwright.accounts.service.log_in import WrongPassword, re_authenticate
from seatwright.accounts.store import links, people, records, sessions
from seatwright.contracts.accounts import PersonId
from seatwright.kit import clock, ids
from seatwright.kit.errors import Unauthenticated
from seatwright.kit.postgres import Writer


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """
    The profile as it should be; `email` and `password` only when they should change.

    Either of those needs `current_password`.
    """

    name: str
    phone: str | None
    language: str
    marketing_consent: bool
    email: Email | None = None
    password: str | None = None
    current_password: str | None = None


async def read(desk: Desk, person: PersonId) -> Person:
    """The profile; raises `Unauthenticated` when the account is gone."""
    async with desk.database.reading() as reader:
        found = await people.by_id(reader, person)
    if found is None:
        raise Unauthenticated("This account is gone.")
    return found


async def edit(
    desk: Desk, visitor: Visitor, person: Person, wanted: Edit, *, session: str
) -> Person:
    """
    Write the profile. A new password ends all other sessions; a new address counts when the
    link mailed to it is followed.

    Raises `WrongPassword`, `Invalid`, `TooMany`, `Unavailable`.
    """
    new_email = None if wanted.email == person.email else wanted.email
    hashed = await _permitted(desk, visitor, person, wanted, new_email)
    async with desk.database.transaction() as writer:
        locked = await people.locked(writer, person.id)
        if locked is None:
            raise Unauthenticated("This account is gone.")
        if hashed is not None and locked.password_hash != person.password_hash:
            raise WrongPassword("Your password was changed meanwhile.")
        edited = replace(locked, name=wanted.name, phone=wanted.phone, language=wanted.language)
        await people.edit(writer, edited, marketing_consent=wanted.marketing_consent)
        if hashed is not None:
            await _set_password(desk, writer, visitor, person.id, hashed, session=session)
        if new_email is not None:
            await _ask_for_email(desk, writer, visitor, edited, new_email)
        written = await people.by_id(writer, person.id)
    assert written is not None, "it is locked by us"
    desk.recogniser.forget_person(person.id)
    return written


async def _permitted(
    desk: Desk, visitor: Visitor, person: Person, wanted: Edit, new_email: Email | None
) -> str | None:
    """The new password's hash, when there is one; nothing is permitted without the old one."""
    if wanted.password is None and new_email is None:
        return None
    if wanted.current_password is None:
        raise WrongPassword("Show your current password to change it or your address.")
    proven = await re_authenticate(desk, visitor, person.id, wanted.current_password)
    if proven.password_hash != person.password_hash:
        raise WrongPassword("Your password was changed meanwhile.")
    if new_email is not None:
        await limits.letter(desk, visitor, new_email)
    if wanted.password is None:
        return None
    chosen = passwords.accept(wanted.password, about=(person.email.text, person.name))
    return await desk.hasher.hash(chosen)


async def _set_password(
    desk: Desk, writer: Writer, visitor: Visitor, person: PersonId, hashed: str, *, session: str
) -> None:
    await people.set_password(writer, person, hashed)
    await sessions.drop_of_person(writer, person, spare=bearer.digest(session))
    await links.drop(writer, person)
    await records.record(
        writer,
        actor=visitor.actor,
        action="password_changed",
        person=person,
        ip_hash=desk.ip_hash(visitor.ip),
    )


async def _ask_for_email(
    desk: Desk, writer: Writer, visitor: Visitor, person: Person, email: Email
) -> None:
    owner = await people.by_email(writer, email)
    secret = ids.secret()
    # Written in both cases, like a registration's: who asks must not learn whose address it is.
    expires_at = await links.add(
        writer,
        bearer.digest(secret),
        Purpose.CHANGE_EMAIL,
        email,
        lasts=lifetimes.VERIFICATION_LINK,
        person=person.id,
    )
    if owner is None:
        values = {
            "name": person.name,
            "link": letters.page(desk, letters.VERIFY_PAGE, secret),
            "expires_at": clock.rfc3339(expires_at),
        }
        await letters.send(writer, "verify_email", email, language=person.language, values=values)
    else:
        values = {"name": owner.name, "link": letters.page(desk, letters.LOG_IN_PAGE)}
        await letters.send(
            writer, "address_in_use", owner.email, language=owner.language, values=values
        )
    await records.record(
        writer,
        actor=visitor.actor,
        action="email_change_asked",
        person=person.id,
        ip_hash=desk.ip_hash(visitor.ip),
    )
