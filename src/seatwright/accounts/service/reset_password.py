"""A forgotten password: a link by mail, once, for half an hour."""

from seatwright.accounts.domain import bearer, lifetimes, passwords
from seatwright.accounts.domain.emails import Email
from seatwright.accounts.domain.people import Purpose
from seatwright.accounts.service import letters, limits
from seatwright.accounts.service.desk import Desk, Visitor
from seatwright.accounts.service.register import LinkEnded, LinkUnknown
from seatwright.accounts.store import links, people, records, sessions
from seatwright.kit import clock, ids

_RESETTING = (Purpose.RESET_PASSWORD,)


async def ask(desk: Desk, visitor: Visitor, email: Email) -> None:
    """Mail a link when the address has an account; the answer is the same when not."""
    await limits.letter(desk, visitor, email)
    async with desk.database.transaction() as writer:
        owner = await people.by_email(writer, email)
        await records.record(
            writer,
            actor=visitor.actor,
            action="password_reset_asked",
            person=None if owner is None else owner.id,
            ip_hash=desk.ip_hash(visitor.ip),
        )
        if owner is None:
            return
        secret = ids.secret()
        expires_at = await links.add(
            writer,
            bearer.digest(secret),
            Purpose.RESET_PASSWORD,
            owner.email,
            lasts=lifetimes.RESET_LINK,
            person=owner.id,
        )
        await letters.send(
            writer,
            "password_reset",
            owner.email,
            language=owner.language,
            values={
                "name": owner.name,
                "link": letters.page(desk, letters.RESET_PAGE, secret),
                "expires_at": clock.rfc3339(expires_at),
            },
        )


async def reset(desk: Desk, visitor: Visitor, secret: str, password: str) -> None:
    """
    Set a new password, ending every session and voiding every other link.

    A refused password leaves the link good. Raises `LinkUnknown`, `LinkEnded`, `Invalid`,
    `TooMany`, `Unavailable`.
    """
    await limits.link(desk, visitor)
    secret_hash = bearer.digest(secret)
    async with desk.database.reading() as reader:
        link = await links.find(reader, secret_hash, _RESETTING)
        owner = (
            None if link is None or link.person is None else await people.by_id(reader, link.person)
        )
    if link is None:
        raise LinkUnknown("This link is not one of ours.")
    if link.used or link.expired or owner is None:
        raise LinkEnded("This link has ended. Ask for a new one.")
    chosen = passwords.accept(password, about=(owner.email.text, owner.name))
    hashed = await desk.hasher.hash(chosen)
    async with desk.database.transaction() as writer:
        # The person first, as log-in does: then no session of the old password slips through.
        locked = await people.locked(writer, owner.id)
        if locked is None or await links.use(writer, secret_hash, Purpose.RESET_PASSWORD) is None:
            raise LinkEnded("This link has ended. Ask for a new one.")
        await people.set_password(writer, owner.id, hashed)
        await sessions.drop_of_person(writer, owner.id)
        await links.drop(writer, owner.id)
        await records.record(
            writer,
            actor=f"person:{owner.id}",
            action="password_reset",
            person=owner.id,
            ip_hash=desk.ip_hash(visitor.ip),
        )
    desk.recogniser.forget_person(owner.id)
