"""Who works for whom, as what."""

from typing import Any

from seatwright.accounts.domain.emails import Email
from seatwright.accounts.domain.people import Member, MemberId
from seatwright.accounts.domain.roles import Role
from seatwright.accounts.store import QUERIES
from seatwright.contracts.catalog import OrganisationId
from seatwright.kit.postgres import Reader, Writer


def _member(row: Any, email: Email) -> Member:
    return Member(id=MemberId(row["id"]), email=email, role=Role(row["role"]), since=row["since"])


async def of_email(reader: Reader, email: Email) -> list[tuple[OrganisationId, Role]]:
    """What somebody is, where."""
    rows = await reader.rows(QUERIES["roles_of"], email.key)
    return [(OrganisationId(row["organisation"]), Role(row["role"])) for row in rows]


async def page(
    reader: Reader, organisation: OrganisationId, after: str, limit: int
) -> list[Member]:
    """Up to `limit` of an organisation behind the id `after`."""
    rows = await reader.rows(QUERIES["members_of"], organisation, after, limit)
    return [_member(row, Email(row["email"], "")) for row in rows]


async def locked(writer: Writer, organisation: OrganisationId) -> list[Member]:
    """All of an organisation, kept from changing until the transaction ends."""
    rows = await writer.rows(QUERIES["locked_members"], organisation)
    return [_member(row, Email(row["email"], row["email_key"])) for row in rows]


async def lock_first_owner(writer: Writer, organisation: OrganisationId) -> None:
    """Until the transaction ends nobody else becomes the first owner of an organisation."""
    await writer.run(QUERIES["lock_first_owner"], organisation)


async def put(
    writer: Writer,
    member: MemberId,
    organisation: OrganisationId,
    email: Email,
    *,
    role: Role,
    by: str,
) -> Member:
    """Appoint, or change the role of whoever is a member already."""
    row = await writer.row(
        QUERIES["put_member"], member, organisation, email.text, email.key, role, by
    )
    assert row is not None
    return _member(row, email)


async def drop(writer: Writer, organisation: OrganisationId, member: MemberId) -> None:
    """Dismiss."""
    await writer.run(QUERIES["drop_member"], organisation, member)


async def solely_owned(writer: Writer, email: Email) -> list[OrganisationId]:
    """Organisations without an owner if this address were gone; their owners are locked."""
    await writer.run(QUERIES["lock_owners"], email.key)
    rows = await writer.rows(QUERIES["solely_owned"], email.key)
    return [OrganisationId(row["organisation"]) for row in rows]


async def leave(writer: Writer, email: Email) -> None:
    """A person leaves everywhere."""
    await writer.run(QUERIES["drop_membership"], email.key)


async def move(writer: Writer, old: Email, new: Email) -> None:
    """The person is reached elsewhere now; roles given to the new address before stand."""
    await writer.run(QUERIES["move_membership"], old.key, new.text, new.key)
    await writer.run(QUERIES["drop_membership"], old.key)
