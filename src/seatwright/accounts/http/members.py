"""The people of an organisation."""

from typing import Any, ClassVar, Literal

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from seatwright.accounts.domain import emails
from seatwright.accounts.domain.bearer import is_id
from seatwright.accounts.domain.people import Member, MemberId
from seatwright.accounts.domain.roles import Role
from seatwright.accounts.http import client, fields
from seatwright.accounts.service import members
from seatwright.accounts.service.desk import Desk
from seatwright.kit import clock
from seatwright.kit.limits import PAGE_ITEMS_DEFAULT
from seatwright.kit.web import pages
from seatwright.kit.web.app import offered

_SCOPE = "members:write"


class Appointment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody's address and role; it counts as soon as they have an account."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"email": "grace@example.com", "role": "gate"}

    email: fields.Email
    role: Literal["owner", "manager", "box_office", "gate"]


class MemberItem(msgspec.Struct, frozen=True, kw_only=True):
    """A member."""

    id: str
    email: str
    role: str
    since: str


class MemberPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of members."""

    items: list[MemberItem]
    next: str | None


def _item(member: Member) -> MemberItem:
    return MemberItem(
        id=member.id,
        email=member.email.text,
        role=member.role,
        since=clock.rfc3339(member.since),
    )


@get("/v1/organisations/{org:str}/members")
async def list_members(
    request: Request[Any, Any, Any],
    org: FromPath[str],
    limit: FromQuery[int] = PAGE_ITEMS_DEFAULT,
    cursor: FromQuery[str | None] = None,
) -> Response[MemberPage]:
    """Who works for the organisation."""
    _, organisation = await client.member(request, org, _SCOPE)
    desk = offered(request, Desk)
    found, more = await pages.page_by_id(
        desk.keys,
        f"members/{organisation}",
        (limit, cursor),
        lambda after, most: members.listed(desk, organisation, after=after or "", limit=most),
    )
    return Response(MemberPage(items=[_item(each) for each in found], next=more))


@post("/v1/organisations/{org:str}/members", status_code=201)
async def appoint_member(
    request: Request[Any, Any, Any], org: FromPath[str], data: JSONBody[Appointment]
) -> Response[MemberItem]:
    """Give somebody a role, or another one; their sessions end."""
    principal, organisation = await client.member(request, org, _SCOPE)
    member = await members.appoint(
        offered(request, Desk),
        client.visitor(request, principal),
        organisation,
        emails.read(data.email),
        Role(data.role),
        held=principal.organisations[organisation],
    )
    return Response(_item(member), status_code=201)


@delete("/v1/organisations/{org:str}/members/{member_id:str}", status_code=204)
async def dismiss_member(
    request: Request[Any, Any, Any], org: FromPath[str], member_id: FromPath[str]
) -> Response[None]:
    """End somebody's role; their sessions end."""
    principal, organisation = await client.member(request, org, _SCOPE)
    if not is_id(member_id):
        raise members.MemberNotFound("There is no member of this id.")
    await members.dismiss(
        offered(request, Desk),
        client.visitor(request, principal),
        organisation,
        MemberId(member_id),
        held=principal.organisations[organisation],
    )
    return Response(None, status_code=204)


ROUTES = (list_members, appoint_member, dismiss_member)
