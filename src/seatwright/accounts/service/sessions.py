"""A person's sessions, seen and ended by themselves."""

from seatwright.accounts.domain import bearer
from seatwright.accounts.domain.bearer import SessionId
from seatwright.accounts.domain.people import Session
from seatwright.accounts.service.desk import Desk, Visitor
from seatwright.accounts.store import records, sessions
from seatwright.contracts.accounts import PersonId
from seatwright.kit.errors import NotFound


class SessionNotFound(NotFound):
    """No session of yours has this id."""

    code = "session_not_found"
    title = "No such session"


async def listed(desk: Desk, person: PersonId, secret: str) -> list[Session]:
    """All of them, newest first; `secret` marks the current one."""
    async with desk.database.reading() as reader:
        return await sessions.of_person(reader, person, bearer.digest(secret))


async def end(desk: Desk, visitor: Visitor, person: PersonId, session: SessionId) -> None:
    """End one; raises `SessionNotFound`."""
    async with desk.database.transaction() as writer:
        if not await sessions.drop(writer, person, session):
            raise SessionNotFound("You have no session of this id.")
        await records.record(
            writer,
            actor=visitor.actor,
            action="session_ended",
            person=person,
            subject=session,
            ip_hash=desk.ip_hash(visitor.ip),
        )
    desk.recogniser.forget_session(session)


async def end_all(desk: Desk, visitor: Visitor, person: PersonId) -> None:
    """End every one, the asking one included."""
    async with desk.database.transaction() as writer:
        await sessions.drop_of_person(writer, person)
        await records.record(
            writer,
            actor=visitor.actor,
            action="all_sessions_ended",
            person=person,
            ip_hash=desk.ip_hash(visitor.ip),
        )
    desk.recogniser.forget_person(person)
