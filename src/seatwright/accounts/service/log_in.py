"""Logging in, and showing the password once more."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from seatwright.accounts.domain import bearer, lifetimes, passwords
from seatwright.accounts.domain.bearer import SessionId
from seatwright.accounts.domain.emails import Email
from seatwright.accounts.domain.people import Person
from seatwright.accounts.service import limits
from seatwright.accounts.service.desk import Desk, Visitor
from seatwright.accounts.store import members, people, records, sessions
from seatwright.contracts.accounts import PersonId
from seatwright.kit import ids
from seatwright.kit.errors import Forbidden, Unauthenticated
from seatwright.kit.postgres import Writer


class WrongCredentials(Unauthenticated):
    """Address or password is wrong, or the address is not proven yet: which, is not said."""

    code = "wrong_credentials"
    title = "Log-in refused"


class WrongPassword(Forbidden):
    """Somebody logged in could not show the password again."""

    code = "wrong_password"
    title = "Wrong password"


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A new session; `secret` goes into the cookie and nowhere else."""

    id: SessionId
    secret: str
    person: Person
    created_at: datetime
    lasts: timedelta


async def log_in(
    desk: Desk, visitor: Visitor, email: Email, password: str, *, replaces: str | None
) -> Begun:
    """
    Begin a session; the one whose secret is `replaces` ends, so that none is ever inherited.

    Raises `WrongCredentials`, `TooMany`, `Unavailable`.
    """
    await limits.log_in(desk, visitor, email)
    async with desk.database.reading() as reader:
        person = await people.by_email(reader, email)
    verdict = await desk.hasher.verify(
        None if person is None else person.password_hash, passwords.normalised(password)
    )
    if person is None or not verdict.fits:
        raise await _refused(desk, visitor, person)
    anew = await desk.hasher.hash(passwords.normalised(password)) if verdict.outdated else None
    async with desk.database.transaction() as writer:
        locked = await people.locked(writer, person.id)
        # Changed while we were hashing: a reset that ends all sessions must not miss this one.
        if locked is None or locked.password_hash != person.password_hash:
            raise WrongCredentials("Address or password is not right.")
        if anew is not None:
            await people.set_password(writer, person.id, anew)
        ended = await _replace(writer, replaces)
        begun = await _begin(writer, visitor, locked)
        await records.record(
            writer,
            actor=f"person:{person.id}",
            action="logged_in",
            person=person.id,
            subject=begun.id,
            ip_hash=desk.ip_hash(visitor.ip),
        )
    if ended is not None:
        desk.recogniser.forget_session(ended)
    return begun


async def _refused(desk: Desk, visitor: Visitor, person: Person | None) -> WrongCredentials:
    async with desk.database.transaction() as writer:
        await records.record(
            writer,
            actor="guest",
            action="log_in_refused",
            person=None if person is None else person.id,
            ip_hash=desk.ip_hash(visitor.ip),
        )
    return WrongCredentials("Address or password is not right.")


async def _replace(writer: Writer, secret: str | None) -> SessionId | None:
    if secret is None:
        return None
    ended = await sessions.drop_by_secret(writer, bearer.digest(secret))
    return None if ended is None else ended[0]


async def _begin(writer: Writer, visitor: Visitor, person: Person) -> Begun:
    secret = ids.secret()
    session = SessionId(ids.sortable_id())
    created_at = await sessions.add(
        writer, session, bearer.digest(secret), person.id, visitor.device
    )
    roles = await members.of_email(writer, person.email)
    lasts = lifetimes.STAFF_ABSOLUTE if roles else lifetimes.BUYER_ABSOLUTE
    return Begun(id=session, secret=secret, person=person, created_at=created_at, lasts=lasts)


async def re_authenticate(desk: Desk, visitor: Visitor, person: PersonId, password: str) -> Person:
    """
    The person, when this is their password.

    Raises `WrongPassword`, `TooMany`, `Unavailable`; `Unauthenticated` when the account is gone.
    """
    await limits.re_authenticate(desk, visitor, person)
    async with desk.database.reading() as reader:
        found = await people.by_id(reader, person)
    if found is None:
        raise Unauthenticated("This account is gone.")
    verdict = await desk.hasher.verify(found.password_hash, passwords.normalised(password))
    if not verdict.fits:
        raise WrongPassword("This is not your password.")
    return found


async def log_out(desk: Desk, visitor: Visitor, secret: str) -> None:
    """End the session with this secret; nothing happens when it has ended."""
    async with desk.database.transaction() as writer:
        ended = await sessions.drop_by_secret(writer, bearer.digest(secret))
        if ended is None:
            return
        session, person = ended
        await records.record(
            writer,
            actor=f"person:{person}",
            action="logged_out",
            person=person,
            subject=session,
            ip_hash=desk.ip_hash(visitor.ip),
        )
    desk.recogniser.forget_session(session)
