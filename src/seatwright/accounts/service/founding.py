"""
Owners by the operator's hand: the first of an organisation, and another when the last is lost.

Everybody else is appointed by an owner, through the API.
"""

from seatwright.accounts.domain.emails import Email
from seatwright.accounts.domain.people import Member, MemberId
from seatwright.accounts.domain.roles import Role
from seatwright.accounts.service.members import MEMBERS_PER_ORGANISATION_MAX, TooManyMembers
from seatwright.accounts.store import members, people, records, sessions
from seatwright.contracts.catalog import OrganisationId
from seatwright.kit import ids
from seatwright.kit.errors import Conflict
from seatwright.kit.postgres import Database

OPERATOR = "operator"
_OWNERS_NAMED_MAX = 5


class OwnedAlready(Conflict):
    """The organisation is there with owners, and this address is none of them."""

    code = "owned_already"
    title = "The organisation exists"


async def appoint_owner(
    database: Database, organisation: OrganisationId, email: Email, *, first: bool = False
) -> bool:
    """
    Make somebody an owner, now or once they have an account; whether an account is there.

    Who is an owner already stays one, and stays logged in. Raises `TooManyMembers`; where it is
    to be the `first` owner and others are there, `OwnedAlready`.
    """
    async with database.transaction() as writer:
        person = await people.by_email(writer, email)
        if first:
            # Where nobody is a member yet there is no row that could be locked.
            await members.lock_first_owner(writer, organisation)
        present = await members.locked(writer, organisation)
        before = next((found for found in present if found.email.key == email.key), None)
        if before is not None and before.role is Role.OWNER:
            return person is not None
        if first:
            _refuse_owned(present)
        if before is None and len(present) >= MEMBERS_PER_ORGANISATION_MAX:
            raise TooManyMembers("An organisation has at most 500 members.")
        owner: Member = await members.put(
            writer,
            MemberId(ids.sortable_id()),
            organisation,
            email,
            role=Role.OWNER,
            by=OPERATOR,
        )
        if person is not None:
            # Other rights, another session, as with every appointment.
            await sessions.drop_of_person(writer, person.id)
        await records.record(
            writer,
            actor=OPERATOR,
            action=f"appointed_{Role.OWNER}",
            person=None if person is None else person.id,
            organisation=organisation,
            subject=owner.id,
            ip_hash=None,
        )
    return person is not None


def _refuse_owned(present: list[Member]) -> None:
    owners = sorted(member.email.text for member in present if member.role is Role.OWNER)
    if not owners:
        return
    named = ", ".join(owners[:_OWNERS_NAMED_MAX])
    more = len(owners) - _OWNERS_NAMED_MAX
    if more > 0:
        named += f" and {more} more"
    detail = f"Owned by {named}; to add an owner use `seatwright organisation appoint`."
    raise OwnedAlready(detail)


async def owners_of(database: Database, organisation: OrganisationId) -> list[str]:
    """The addresses of an organisation's owners."""
    async with database.reading() as reader:
        found = await members.page(reader, organisation, "", MEMBERS_PER_ORGANISATION_MAX)
    return [member.email.text for member in found if member.role is Role.OWNER]
