"""Appointing and dismissing the people of an organisation."""

from seatwright.accounts.domain.emails import Email
from seatwright.accounts.domain.people import Member, MemberId
from seatwright.accounts.domain.roles import SCOPES_OF, Role, within
from seatwright.accounts.service.desk import Desk, Visitor
from seatwright.accounts.service.privacy import LastOwner
from seatwright.accounts.store import members, people, records, sessions
from seatwright.contracts.accounts import PersonId
from seatwright.contracts.catalog import OrganisationId
from seatwright.kit import ids
from seatwright.kit.errors import Conflict, Forbidden, NotFound
from seatwright.kit.postgres import Writer

MEMBERS_PER_ORGANISATION_MAX = 500


class MemberNotFound(NotFound):
    """The organisation has no such member."""

    code = "member_not_found"
    title = "No such member"


class BeyondYours(Forbidden):
    """Nobody hands on rights that they do not hold."""

    code = "beyond_your_rights"
    title = "More than you may give"


class TooManyMembers(Conflict):
    """The organisation has as many members as are kept."""

    code = "too_many_members"
    title = "Too many members"


async def listed(
    desk: Desk, organisation: OrganisationId, *, after: str, limit: int
) -> list[Member]:
    """Up to `limit` members behind the id `after`."""
    async with desk.database.reading() as reader:
        return await members.page(reader, organisation, after, limit)


async def appoint(
    desk: Desk,
    visitor: Visitor,
    organisation: OrganisationId,
    email: Email,
    role: Role,
    *,
    held: frozenset[str],
) -> Member:
    """
    Give somebody a role, now or once they have an account; the same again changes nothing.

    `held` are the scopes of whoever appoints. A changed role ends the person's sessions. Raises
    `BeyondYours`, `LastOwner`, `TooManyMembers`.
    """
    if not within(SCOPES_OF[role], held):
        raise BeyondYours("This role may do more than you may.")
    async with desk.database.transaction() as writer:
        present = await members.locked(writer, organisation)
        before = next((member for member in present if member.email.key == email.key), None)
        if before is not None and before.role is role:
            return before
        if before is None and len(present) >= MEMBERS_PER_ORGANISATION_MAX:
            raise TooManyMembers("An organisation has at most 500 members.")
        if before is not None:
            _replaceable(before, present, held=held)
        member = MemberId(ids.sortable_id())
        appointed = await members.put(
            writer, member, organisation, email, role=role, by=visitor.actor
        )
        person = await _note(
            desk, writer, visitor, organisation, appointed, action=f"appointed_{role}"
        )
    if person is not None:
        desk.recogniser.forget_person(person)
    return appointed


async def dismiss(
    desk: Desk,
    visitor: Visitor,
    organisation: OrganisationId,
    member: MemberId,
    *,
    held: frozenset[str],
) -> None:
    """End somebody's role and sessions; raises `MemberNotFound`, `LastOwner`, `BeyondYours`."""
    async with desk.database.transaction() as writer:
        present = await members.locked(writer, organisation)
        leaving = next((found for found in present if found.id == member), None)
        if leaving is None:
            raise MemberNotFound("There is no member of this id.")
        _replaceable(leaving, present, held=held)
        await members.drop(writer, organisation, member)
        person = await _note(desk, writer, visitor, organisation, leaving, action="dismissed")
    if person is not None:
        desk.recogniser.forget_person(person)


def _replaceable(member: Member, present: list[Member], *, held: frozenset[str]) -> None:
    if not within(SCOPES_OF[member.role], held):
        raise BeyondYours("This member may do more than you may.")
    owners = [found for found in present if found.role is Role.OWNER]
    if owners == [member]:
        raise LastOwner("This is the organisation's only owner. Appoint another one first.")


async def _note(
    desk: Desk,
    writer: Writer,
    visitor: Visitor,
    organisation: OrganisationId,
    member: Member,
    *,
    action: str,
) -> PersonId | None:
    person = await people.by_email(writer, member.email)
    if person is not None:
        # Other rights, another session: none that was begun with fewer is carried over.
        await sessions.drop_of_person(writer, person.id)
    await records.record(
        writer,
        actor=visitor.actor,
        action=action,
        person=None if person is None else person.id,
        organisation=organisation,
        subject=member.id,
        ip_hash=desk.ip_hash(visitor.ip),
    )
    return None if person is None else person.id
