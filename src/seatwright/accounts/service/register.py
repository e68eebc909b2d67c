"""
Registering, and proving an address.

Whoever types an address learns nothing about it: the answer, the work and the rows are the same
whether it has an account or not; only the mail to its owner differs.
"""

from dataclasses import dataclass

from seatwright.accounts.domain import bearer, lifetimes, passwords
from seatwright.accounts.domain.emails import Email
from seatwright.accounts.domain.people import Link, Purpose, Registration, RegistrationId
from seatwright.accounts.service import letters, limits
from seatwright.accounts.service.desk import Desk, Visitor
from seatwright.accounts.store import links, members, people, records, sessions
from seatwright.contracts.accounts import PersonId
from seatwright.kit import clock, ids
from seatwright.kit.errors import Gone, NotFound
from seatwright.kit.postgres import Writer

_VERIFYING = (Purpose.REGISTER, Purpose.CHANGE_EMAIL)


class LinkEnded(Gone):
    """The link was used, has expired, or was replaced."""

    code = "link_ended"
    title = "This link has ended"


class LinkUnknown(NotFound):
    """We never mailed this link."""

    code = "link_unknown"
    title = "Not a link of ours"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody types to register."""

    email: Email
    password: str
    name: str
    language: str
    marketing_consent: bool


async def register(desk: Desk, visitor: Visitor, wish: Wish) -> None:
    """
    Mail a link that makes the account, or tell the owner of an existing one.

    Raises `Invalid` for a weak password, `TooMany`, `Unavailable`.
    """
    await limits.register(desk, visitor, wish.email)
    password = passwords.accept(wish.password, about=(wish.email.text, wish.name))
    registration = Registration(
        id=RegistrationId(ids.sortable_id()),
        email=wish.email,
        name=wish.name,
        language=wish.language,
        marketing_consent=wish.marketing_consent,
        password_hash=await desk.hasher.hash(password),
    )
    async with desk.database.transaction() as writer:
        owner = await people.by_email(writer, wish.email)
        # Written in both cases, so that both take as long. The mail to somebody who has an
        # account does not carry the link, and without it the row is swept.
        await people.add_registration(writer, registration)
        link = await _link(desk, writer, registration)
        if owner is None:
            await letters.send(
                writer,
                "verify_email",
                wish.email,
                language=wish.language,
                values={"name": wish.name, **link},
            )
        else:
            await letters.send(
                writer,
                "address_in_use",
                owner.email,
                language=owner.language,
                values={"name": owner.name, "link": letters.page(desk, letters.LOG_IN_PAGE)},
            )
        await records.record(
            writer, actor=visitor.actor, action="registered", ip_hash=desk.ip_hash(visitor.ip)
        )


async def send_again(desk: Desk, visitor: Visitor, email: Email) -> None:
    """Mail the link of the newest registration again, if there is one; raises `TooMany`."""
    await limits.letter(desk, visitor, email)
    async with desk.database.transaction() as writer:
        found = await people.newest_registration(writer, email, lifetimes.VERIFICATION_LINK)
        owner = await people.by_email(writer, email)
        if found is not None and owner is None:
            link = await _link(desk, writer, found)
            await letters.send(
                writer,
                "verify_email",
                email,
                language=found.language,
                values={"name": found.name, **link},
            )


async def _link(desk: Desk, writer: Writer, registration: Registration) -> dict[str, str]:
    secret = ids.secret()
    expires_at = await links.add(
        writer,
        bearer.digest(secret),
        Purpose.REGISTER,
        registration.email,
        lasts=lifetimes.VERIFICATION_LINK,
        registration=registration.id,
    )
    return {
        "link": letters.page(desk, letters.VERIFY_PAGE, secret),
        "expires_at": clock.rfc3339(expires_at),
    }


async def verify(desk: Desk, visitor: Visitor, secret: str) -> Email:
    """
    Prove an address: makes the account, or gives a person their new address.

    Following a link again is answered as before. Raises `LinkUnknown`, `LinkEnded`,
    `TooMany`.
    """
    await limits.link(desk, visitor)
    secret_hash = bearer.digest(secret)
    async with desk.database.transaction() as writer:
        link = await links.find(writer, secret_hash, _VERIFYING)
        if link is None:
            raise LinkUnknown("This link is not one of ours.")
        if link.person is not None:
            # The person before the link, in the order of every other use case: no deadlock.
            await people.locked(writer, link.person)
        used = await links.use(writer, secret_hash, link.purpose)
        if used is None:
            return await _followed_before(writer, link, secret_hash)
        if used.purpose is Purpose.REGISTER:
            person = await _begin(writer, used)
        else:
            person = await _move(desk, writer, used)
        await records.record(
            writer,
            actor=f"person:{person}",
            action="email_verified",
            person=person,
            ip_hash=desk.ip_hash(visitor.ip),
        )
    desk.recogniser.forget_person(person)
    return used.email


async def _followed_before(writer: Writer, link: Link, secret_hash: bytes) -> Email:
    # Two at once: the other has used it between our look and our attempt.
    now = await links.find(writer, secret_hash, _VERIFYING)
    owner = await people.by_email(writer, link.email)
    if now is not None and now.used and owner is not None:
        return link.email
    raise LinkEnded("This link has ended. Ask for a new one.")


async def _begin(writer: Writer, link: Link) -> PersonId:
    person = PersonId(ids.sortable_id())
    if link.registration is None or not await people.add(writer, person, link.registration):
        raise LinkEnded("This address has an account already. Log in.")
    await people.drop_registrations(writer, link.email)
    return person


async def _move(desk: Desk, writer: Writer, link: Link) -> PersonId:
    owner = None if link.person is None else await people.locked(writer, link.person)
    if owner is None:
        raise LinkEnded("This account is gone.")
    await people.set_email(writer, owner.id, link.email)
    await people.drop_registrations(writer, link.email)
    await members.move(writer, owner.email, link.email)
    # What was mailed to the old address must not open the account any more, and roles may
    # have changed with the address: everybody logs in anew.
    await links.drop(writer, owner.id)
    await sessions.drop_of_person(writer, owner.id)
    await letters.send(
        writer,
        "email_changed",
        owner.email,
        language=owner.language,
        values={"name": owner.name, "link": letters.page(desk, letters.RESET_PAGE)},
    )
    return owner.id
