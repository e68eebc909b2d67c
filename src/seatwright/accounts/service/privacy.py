"""A person's right to their data: all of it to take away, or none of it left."""

from dataclasses import dataclass

from seatwright.accounts.domain.people import AuditLine, Person, Session
from seatwright.accounts.domain.roles import Role
from seatwright.accounts.service.desk import Desk, Visitor
from seatwright.accounts.service.log_in import re_authenticate
from seatwright.accounts.store import links, members, people, records, sessions
from seatwright.contracts.accounts import PersonId
from seatwright.contracts.catalog import OrganisationId
from seatwright.kit.errors import Conflict, Unauthenticated

AUDIT_LINES_MAX = 1000


class LastOwner(Conflict):
    """An organisation would be left without an owner."""

    code = "last_owner"
    title = "Last owner"


@dataclass(frozen=True, slots=True, kw_only=True)
class Everything:
    """All that accounts know of a person, secrets excepted."""

    person: Person
    roles: list[tuple[OrganisationId, Role]]
    sessions: list[Session]
    audit: list[AuditLine]


async def export(desk: Desk, visitor: Visitor, person: PersonId) -> Everything:
    """Everything; raises `Unauthenticated` when the account is gone."""
    async with desk.database.transaction() as writer:
        found = await people.by_id(writer, person)
        if found is None:
            raise Unauthenticated("This account is gone.")
        await records.record(
            writer,
            actor=visitor.actor,
            action="exported",
            person=person,
            ip_hash=desk.ip_hash(visitor.ip),
        )
        return Everything(
            person=found,
            roles=await members.of_email(writer, found.email),
            sessions=await sessions.of_person(writer, person, b""),
            audit=await records.of_person(writer, person, AUDIT_LINES_MAX),
        )


async def erase(desk: Desk, visitor: Visitor, person: PersonId, password: str) -> None:
    """
    Forget a person; their id stays where money was booked under it.

    Raises `WrongPassword`, `LastOwner`, `TooMany`, `Unavailable`.
    """
    proven = await re_authenticate(desk, visitor, person, password)
    async with desk.database.transaction() as writer:
        found = await people.locked(writer, person)
        if found is None or found.password_hash != proven.password_hash:
            raise Unauthenticated("This account has changed meanwhile.")
        if await members.solely_owned(writer, found.email):
            raise LastOwner("You are an organisation's only owner. Appoint another one first.")
        await sessions.drop_of_person(writer, person)
        await links.drop_all(writer, person, found.email)
        await people.drop_registrations(writer, found.email)
        await members.leave(writer, found.email)
        await people.erase(writer, person)
        await records.record(
            writer,
            actor=visitor.actor,
            action="erased",
            person=person,
            ip_hash=desk.ip_hash(visitor.ip),
        )
    desk.recogniser.forget_person(person)
