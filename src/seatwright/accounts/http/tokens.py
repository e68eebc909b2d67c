"""An organisation's API tokens."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.params import FromPath, FromQuery, JSONBody

from seatwright.accounts.domain.bearer import TokenId, is_id
from seatwright.accounts.domain.people import Token
from seatwright.accounts.http import client, fields
from seatwright.accounts.service import tokens
from seatwright.accounts.service.desk import Desk
from seatwright.kit import clock
from seatwright.kit.errors import invalid
from seatwright.kit.limits import PAGE_ITEMS_DEFAULT
from seatwright.kit.web import caller, pages
from seatwright.kit.web.app import offered

_SCOPE = "tokens:write"
# The scopes of `domain.roles.SCOPES_OF_TOKENS_MAX`, spelled out for the description of the API.
Scope = Literal[
    "catalog:read",
    "catalog:write",
    "orders:read",
    "orders:write",
    "refunds:write",
    "reservations:write",
    "entry:scan",
    "entry:read",
    "tokens:write",
    "reports:read",
    "delivery:write",
]


class NewToken(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the token is for, what it may do, and until when."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "name": "Gate C",
        "scopes": ["entry:scan", "entry:read"],
        "expires_at": "2099-12-31T23:59:59+01:00",
    }

    name: fields.Name
    scopes: Annotated[list[Scope], msgspec.Meta(min_length=1, max_length=12)]
    expires_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None


class TokenItem(msgspec.Struct, frozen=True, kw_only=True):
    """A token without its secret."""

    id: str
    name: str
    scopes: list[str]
    created_at: str
    expires_at: str | None
    last_used_at: str | None


class MadeToken(msgspec.Struct, frozen=True, kw_only=True):
    """A new token; `token` is shown this once."""

    id: str
    name: str
    scopes: list[str]
    created_at: str
    expires_at: str | None
    token: FromPath[str]


class TokenPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of tokens."""

    items: list[TokenItem]
    next: str | None


def _time(instant: datetime | None) -> str | None:
    return None if instant is None else clock.rfc3339(instant)


def _item(token: Token) -> TokenItem:
    return TokenItem(
        id=token.id,
        name=token.name,
        scopes=sorted(token.scopes),
        created_at=clock.rfc3339(token.made_at),
        expires_at=_time(token.expires_at),
        last_used_at=_time(token.last_used_at),
    )


@get("/v1/organisations/{org:str}/tokens")
async def list_tokens(
    request: Request[Any, Any, Any],
    org: FromPath[str],
    limit: FromQuery[int] = PAGE_ITEMS_DEFAULT,
    cursor: FromQuery[str | None] = None,
) -> Response[TokenPage]:
    """The organisation's tokens that are not revoked."""
    _, organisation = await client.member(request, org, _SCOPE)
    desk = offered(request, Desk)
    found, more = await pages.page_by_id(
        desk.keys,
        f"tokens/{organisation}",
        (limit, cursor),
        lambda after, most: tokens.listed(desk, organisation, after=after or "", limit=most),
    )
    return Response(TokenPage(items=[_item(each) for each in found], next=more))


@post("/v1/organisations/{org:str}/tokens", status_code=201)
async def make_token(
    request: Request[Any, Any, Any], org: FromPath[str], data: JSONBody[NewToken]
) -> Response[MadeToken]:
    """Make a token with some of your own scopes; its text is shown this once."""
    principal, organisation = await client.member(request, org, _SCOPE)
    if data.expires_at is not None and data.expires_at <= clock.now():
        raise invalid("/expires_at", "in_the_past", "A token must last at least a moment.")
    made, text = await tokens.make(
        offered(request, Desk),
        client.visitor(request, principal),
        organisation,
        tokens.Wish(
            name=data.name.strip() or "token",
            scopes=frozenset(data.scopes),
            expires_at=data.expires_at,
        ),
        held=principal.organisations[organisation],
        idempotency_key=caller.idempotency_key(request, required=False),
    )
    answer = MadeToken(
        id=made.id,
        name=made.name,
        scopes=sorted(made.scopes),
        created_at=clock.rfc3339(made.made_at),
        expires_at=_time(made.expires_at),
        token=text,
    )
    return Response(answer, status_code=201)


@delete("/v1/organisations/{org:str}/tokens/{token_id:str}", status_code=204)
async def revoke_token(
    request: Request[Any, Any, Any], org: FromPath[str], token_id: FromPath[str]
) -> Response[None]:
    """Revoke a token and what was made with it; felt everywhere within five seconds."""
    principal, organisation = await client.member(request, org, _SCOPE)
    if not is_id(token_id):
        raise tokens.TokenNotFound("There is no token of this id.")
    visitor = client.visitor(request, principal)
    await tokens.revoke(offered(request, Desk), visitor, organisation, TokenId(token_id))
    return Response(None, status_code=204)


ROUTES = (list_tokens, make_token, revoke_token)
