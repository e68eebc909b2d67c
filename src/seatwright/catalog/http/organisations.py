"""An organisation as it describes itself."""

from typing import Annotated, Any, ClassVar

import msgspec
from litestar import Request, Response, get, patch
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, UnsetType

from seatwright.catalog.domain.organisations import NAME_CHARACTERS_MAX, Organisation
from seatwright.catalog.domain.texts import tidy
from seatwright.catalog.http.access import READ, WRITE, organiser
from seatwright.catalog.service import organisations
from seatwright.catalog.service.catalogue import Catalogue
from seatwright.contracts.catalog import OrganisationId
from seatwright.kit.web.app import offered

_TAGS = ["Organisers: organisation"]
Name = Annotated[str, Meta(min_length=1, max_length=NAME_CHARACTERS_MAX)]
Accent = Annotated[str, Meta(pattern="^#[0-9a-fA-F]{6}$", examples=["#3b5bdb"])]
ReplyTo = Annotated[str, Meta(max_length=254, examples=["hello@lantern.example"])]


class OrganisationPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What buyers know an organisation by; `reply_to` empty: mails cannot be answered."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"accent": "#0b7285", "reply_to": "hello@lantern.example"}

    name: Name | UnsetType = UNSET
    accent: Accent | UnsetType = UNSET
    reply_to: ReplyTo | UnsetType = UNSET


class OrganisationAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An organisation as its members see it."""

    id: str
    name: str
    slug: str
    accent: str
    reply_to: str


@get("/v1/organisations/{org:str}", tags=_TAGS)
async def read_organisation(
    request: Request[Any, Any, Any], org: FromPath[str]
) -> Response[OrganisationAnswer]:
    """Read the organisation's name, colour and reply address."""
    await organiser(request, org, READ)
    found = await organisations.read_organisation(offered(request, Catalogue), OrganisationId(org))
    return _answer(found)


@patch("/v1/organisations/{org:str}", tags=_TAGS)
async def edit_organisation(
    request: Request[Any, Any, Any], org: FromPath[str], data: JSONBody[OrganisationPatch]
) -> Response[OrganisationAnswer]:
    """Change it; events and their mails show it from their next publication on."""
    await organiser(request, org, WRITE)
    fields = msgspec.structs.asdict(data).items()
    changes = {name: tidy(value) for name, value in fields if value is not UNSET}
    found = await organisations.brand_organisation(
        offered(request, Catalogue),
        OrganisationId(org),
        lambda organisation: msgspec.structs.replace(organisation, **changes),
    )
    return _answer(found)


def _answer(organisation: Organisation) -> Response[OrganisationAnswer]:
    return Response(OrganisationAnswer(**msgspec.structs.asdict(organisation)))


ROUTES = (read_organisation, edit_organisation)
