"""One's own account: seen, edited, taken away, erased."""

from typing import Any, ClassVar

import msgspec
from litestar import Request, Response, delete, get, patch
from litestar.params import JSONBody
from msgspec import UNSET, UnsetType

from seatwright.accounts.domain import emails
from seatwright.accounts.domain.people import Person
from seatwright.accounts.domain.roles import role_of
from seatwright.accounts.http import client, fields
from seatwright.accounts.service import privacy, profile
from seatwright.accounts.service.desk import Desk
from seatwright.contracts.accounts import Principal
from seatwright.kit import clock
from seatwright.kit.web.app import offered


class MyOrganisation(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation and what one may do there; `role` is null for a token."""

    id: str
    role: str | None
    scopes: list[str]


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks: a `person`, or an organisation's `token`, which has a name and scopes only."""

    id: str
    kind: str
    name: str
    email: str | None = None
    phone: str | None = None
    language: str | None = None
    marketing_consent: bool = False
    created_at: str | None = None
    organisations: list[MyOrganisation]


class ProfileEdit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    What should change; what is not named stays.

    A new `email` counts when the link mailed to it is followed. A new `password` ends all
    other sessions. Both need `current_password`.
    """

    EXAMPLE: ClassVar[dict[str, Any]] = {"name": "Ada King", "phone": "+4930123456"}

    name: fields.Name | UnsetType = UNSET
    phone: fields.Phone | UnsetType | None = UNSET
    language: fields.Language | UnsetType = UNSET
    marketing_consent: bool | UnsetType = UNSET
    email: fields.Email | UnsetType = UNSET
    password: fields.Password | UnsetType = UNSET
    current_password: fields.Password | UnsetType = UNSET


class Proof(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The password once more."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"password": "four muddy boots by the door"}

    password: fields.Password


class ExportedSession(msgspec.Struct, frozen=True, kw_only=True):
    """A log-in."""

    id: str
    device: str
    created_at: str
    last_seen_at: str


class ExportedLine(msgspec.Struct, frozen=True, kw_only=True):
    """Something that happened to the account."""

    at: str
    action: str
    organisation: str | None
    subject: str | None


class Export(msgspec.Struct, frozen=True, kw_only=True):
    """All that accounts know of a person, secrets excepted."""

    exported_at: str
    profile: Me
    marketing_consent_at: str | None
    sessions: list[ExportedSession]
    audit: list[ExportedLine]


def _me(principal: Principal, person: Person | None) -> Me:
    organisations = [
        MyOrganisation(
            id=organisation,
            role=None if person is None else role_of(scopes),
            scopes=sorted(scopes),
        )
        for organisation, scopes in sorted(principal.organisations.items())
    ]
    if person is None:
        return Me(id=principal.id, kind="token", name=principal.name, organisations=organisations)
    return Me(
        id=person.id,
        kind="person",
        name=person.name,
        email=person.email.text,
        phone=person.phone,
        language=person.language,
        marketing_consent=person.marketing_consent_at is not None,
        created_at=clock.rfc3339(person.created_at),
        organisations=organisations,
    )


@get("/v1/me")
async def get_me(request: Request[Any, Any, Any]) -> Response[Me]:
    """Who you are and what you may do where."""
    principal = await client.principal(request)
    if principal.person is None:
        return Response(_me(principal, None))
    person = await profile.read(offered(request, Desk), principal.person)
    return Response(_me(principal, person))


@patch("/v1/me")
async def edit_me(request: Request[Any, Any, Any], data: JSONBody[ProfileEdit]) -> Response[Me]:
    """Edit your profile."""
    desk = offered(request, Desk)
    principal, session = await client.person(request)
    assert principal.person is not None
    person = await profile.read(desk, principal.person)
    consents = person.marketing_consent_at is not None
    wanted = profile.Edit(
        name=person.name if data.name is UNSET else data.name.strip() or person.name,
        phone=person.phone if data.phone is UNSET else data.phone,
        language=person.language if data.language is UNSET else data.language,
        marketing_consent=consents if data.marketing_consent is UNSET else data.marketing_consent,
        email=None if data.email is UNSET else emails.read(data.email),
        password=None if data.password is UNSET else data.password,
        current_password=None if data.current_password is UNSET else data.current_password,
    )
    visitor = client.visitor(request, principal)
    edited = await profile.edit(desk, visitor, person, wanted, session=session)
    return Response(_me(principal, edited))


@delete("/v1/me", status_code=204)
async def delete_me(request: Request[Any, Any, Any], data: JSONBody[Proof]) -> Response[None]:
    """Delete your account: everything is forgotten but the id under which money was booked."""
    principal, _ = await client.person(request)
    assert principal.person is not None
    visitor = client.visitor(request, principal)
    await privacy.erase(offered(request, Desk), visitor, principal.person, data.password)
    return Response(None, status_code=204, cookies=[client.no_cookie(request)])


@get("/v1/me/export")
async def export_me(request: Request[Any, Any, Any]) -> Response[Export]:
    """All that accounts know of you, to take away."""
    principal, _ = await client.person(request)
    assert principal.person is not None
    visitor = client.visitor(request, principal)
    found = await privacy.export(offered(request, Desk), visitor, principal.person)
    consent = found.person.marketing_consent_at
    answer = Export(
        exported_at=clock.rfc3339(clock.now()),
        profile=_me(principal, found.person),
        marketing_consent_at=None if consent is None else clock.rfc3339(consent),
        sessions=[
            ExportedSession(
                id=each.id,
                device=each.device,
                created_at=clock.rfc3339(each.created_at),
                last_seen_at=clock.rfc3339(each.last_seen_at),
            )
            for each in found.sessions
        ],
        audit=[
            ExportedLine(
                at=clock.rfc3339(line.at),
                action=line.action,
                organisation=line.organisation,
                subject=line.subject,
            )
            for line in found.audit
        ],
    )
    headers = {"Content-Disposition": 'attachment; filename="seatwright-export.json"'}
    return Response(answer, headers=headers)


ROUTES = (get_me, edit_me, delete_me, export_me)
