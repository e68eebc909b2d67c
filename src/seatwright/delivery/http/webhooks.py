"""Outgoing webhooks: endpoints, their secrets, and the log of what they were sent."""

from typing import Annotated, Any, ClassVar, Literal

import msgspec
from litestar import Request, Response, delete, get, patch, post
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, UnsetType

from seatwright.contracts.accounts import Principal
from seatwright.delivery.domain.webhooks import URL_CHARS_MAX
from seatwright.delivery.http.parameters import Cursor, PageSize
from seatwright.delivery.service.endpoints import EndpointNotFound, Endpoints, Wish
from seatwright.delivery.store.webhooks import Endpoint, Logged
from seatwright.kit import clock, ids, signing
from seatwright.kit.limits import PAGE_ITEMS_DEFAULT
from seatwright.kit.web import caller, pages
from seatwright.kit.web.app import offered

_TAGS = ["Organisers: webhooks"]
_PATH = "/v1/organisations/{org:str}/webhook-endpoints"
_ONE = f"{_PATH}/{{endpoint_id:str}}"
_ID_CHARS_MAX = 100
# The kinds of `domain.webhooks.KINDS`, spelled out for the description of the API.
Kind = Literal[
    "event.published",
    "event.changed",
    "event.cancelled",
    "order.paid",
    "order.cancelled",
    "order.refunded",
    "ticket.admitted",
]
Kinds = Annotated[list[Kind], Meta(min_length=1, max_length=7)]
Url = Annotated[
    str, Meta(min_length=1, max_length=URL_CHARS_MAX, examples=["https://example.org/hooks"])
]
Contact = Annotated[
    str,
    Meta(
        max_length=254,
        pattern=r"^[^\s@<>,;:\"()\[\]\\]{1,64}@[A-Za-z0-9.-]{1,190}$",
        examples=["it@lantern.example"],
    ),
]
Language = Annotated[str, Meta(pattern="^[a-z]{2}(-[A-Za-z]{2})?$", examples=["en"])]


class NewEndpoint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An endpoint to be: `contact` is written to when it is switched off."""

    EXAMPLE: ClassVar[dict[str, Any]] = {
        "url": "https://example.org/hooks/seatwright",
        "kinds": ["order.paid", "ticket.admitted"],
        "contact": "it@lantern.example",
    }

    url: Url
    kinds: Kinds
    contact: Contact
    language: Language = "en"


class EndpointPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to change; `enabled` true switches on again what was switched off."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"enabled": True}

    url: Url | UnsetType = UNSET
    kinds: Kinds | UnsetType = UNSET
    contact: Contact | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET


class NewSecret(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which secret is to be replaced: `after` is its `generation`."""

    EXAMPLE: ClassVar[dict[str, Any]] = {"after": 1}

    after: Annotated[int, Meta(ge=1, le=2**31 - 2)]


class EndpointAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint; `failing_since` while nothing reaches it, `disabled_at` when it is off."""

    id: str
    url: str
    kinds: list[str]
    contact: str
    generation: int
    created_at: str
    failing_since: str | None
    disabled_at: str | None


class EndpointSecret(msgspec.Struct, frozen=True, kw_only=True):
    """An endpoint with its secret, which verifies `webhook-signature`."""

    id: str
    url: str
    kinds: list[str]
    contact: str
    generation: int
    created_at: str
    failing_since: str | None
    disabled_at: str | None
    secret: str


class EndpointList(msgspec.Struct, frozen=True, kw_only=True):
    """All of an organisation's endpoints, newest first."""

    items: list[EndpointAnswer]
    next: str | None


class DeliveryItem(msgspec.Struct, frozen=True, kw_only=True):
    """A message to an endpoint; `status` and `reason` are of the last attempt."""

    id: str
    webhook_id: str
    kind: str
    state: Literal["pending", "sent", "failed"]
    attempts: int
    attempted_at: str | None
    next_attempt_at: str | None
    status: int | None
    reason: str | None
    created_at: str
    payload: Any


class DeliveryList(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the log, newest first."""

    items: list[DeliveryItem]
    next: str | None


@post(_PATH, tags=_TAGS)
async def add_endpoint(
    request: Request[Any, Any, Any], org: FromPath[str], data: JSONBody[NewEndpoint]
) -> Response[EndpointSecret]:
    """Have an address told of what happens; the answer has the secret that signs."""
    principal = await _keeper(request, org)
    endpoints = offered(request, Endpoints)
    # Without a key every request makes another one.
    key = caller.idempotency_key(request, required=False) or ids.sortable_id()
    made = await endpoints.add(
        org,
        Wish(url=data.url, kinds=tuple(data.kinds), contact=data.contact, language=data.language),
        principal=principal.id,
        key=key,
        fingerprint=signing.fingerprint(org.encode() + b"\n" + await request.body()),
    )
    return Response(_secret(endpoints, made), status_code=201, headers=_PRIVATE)


@get(_PATH, tags=_TAGS)
async def list_endpoints(
    request: Request[Any, Any, Any], org: FromPath[str]
) -> Response[EndpointList]:
    """List endpoints, newest first; there are at most twenty."""
    await _keeper(request, org)
    found = await offered(request, Endpoints).listed(org)
    return Response(EndpointList(items=[_shown(one) for one in found], next=None))


@get(_ONE, tags=_TAGS)
async def read_endpoint(
    request: Request[Any, Any, Any], org: FromPath[str], endpoint_id: FromPath[str]
) -> Response[EndpointSecret]:
    """Read an endpoint with its secret."""
    await _keeper(request, org)
    endpoints = offered(request, Endpoints)
    found = await endpoints.read(org, _id(endpoint_id))
    return Response(_secret(endpoints, found), headers=_PRIVATE)


@patch(_ONE, tags=_TAGS)
async def edit_endpoint(
    request: Request[Any, Any, Any],
    org: FromPath[str],
    endpoint_id: FromPath[str],
    data: JSONBody[EndpointPatch],
) -> Response[EndpointAnswer]:
    """Change where it is, what it hears of, or whether it is on."""
    await _keeper(request, org)
    found = await offered(request, Endpoints).edit(
        org,
        _id(endpoint_id),
        url=None if isinstance(data.url, UnsetType) else data.url,
        kinds=None if isinstance(data.kinds, UnsetType) else tuple(data.kinds),
        contact=None if isinstance(data.contact, UnsetType) else data.contact,
        enabled=None if isinstance(data.enabled, UnsetType) else data.enabled,
    )
    return Response(_shown(found))


@delete(_ONE, tags=_TAGS)
async def remove_endpoint(
    request: Request[Any, Any, Any], org: FromPath[str], endpoint_id: FromPath[str]
) -> None:
    """Remove an endpoint; what waits for it is given up."""
    await _keeper(request, org)
    await offered(request, Endpoints).remove(org, _id(endpoint_id))


@post(f"{_ONE}/secrets", tags=_TAGS)
async def rotate_secret(
    request: Request[Any, Any, Any],
    org: FromPath[str],
    endpoint_id: FromPath[str],
    data: JSONBody[NewSecret],
) -> Response[EndpointSecret]:
    """Replace the secret; the one before signs beside it for a day. Sent again: the same."""
    await _keeper(request, org)
    endpoints = offered(request, Endpoints)
    found = await endpoints.rotate(org, _id(endpoint_id), after=data.after)
    return Response(_secret(endpoints, found), status_code=201, headers=_PRIVATE)


@get(f"{_ONE}/deliveries", tags=_TAGS)
async def list_deliveries(
    request: Request[Any, Any, Any],
    org: FromPath[str],
    endpoint_id: FromPath[str],
    limit: PageSize = PAGE_ITEMS_DEFAULT,
    cursor: Cursor = None,
) -> Response[DeliveryList]:
    """Read what an endpoint was sent and what came of it, newest first."""
    await _keeper(request, org)
    endpoints, endpoint = offered(request, Endpoints), _id(endpoint_id)
    rows, more = await pages.page_by_id(
        endpoints.keys,
        f"{org}/webhook-endpoints/{endpoint}/deliveries",
        (limit, cursor),
        lambda after, most: endpoints.log(org, endpoint, after=after, at_most=most),
    )
    return Response(DeliveryList(items=[_logged(row) for row in rows], next=more))


@post(f"{_ONE}/deliveries/{{delivery_id:str}}/replays", status_code=204, tags=_TAGS)
async def replay_delivery(
    request: Request[Any, Any, Any],
    org: FromPath[str],
    endpoint_id: FromPath[str],
    delivery_id: FromPath[str],
) -> None:
    """Send it again, with all its attempts; what is still being tried goes on."""
    await _keeper(request, org)
    await offered(request, Endpoints).replay(org, _id(endpoint_id), _id(delivery_id))


_PRIVATE = {"Cache-Control": "private, no-store"}


async def _keeper(request: Request[Any, Any, Any], org: str) -> Principal:
    return await offered(request, Endpoints).keeper(caller.credentials(request), org)


def _id(text: str) -> str:
    if len(text) > _ID_CHARS_MAX or not text.isascii() or not text.isprintable():
        raise EndpointNotFound("There is no such thing.")
    return text


def _fields(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "id": endpoint.id,
        "url": endpoint.url,
        "kinds": list(endpoint.kinds),
        "contact": endpoint.contact,
        "generation": endpoint.generation,
        "created_at": clock.rfc3339(endpoint.created_at),
        "failing_since": _instant(endpoint.failing_since),
        "disabled_at": _instant(endpoint.disabled_at),
    }


def _shown(endpoint: Endpoint) -> EndpointAnswer:
    return EndpointAnswer(**_fields(endpoint))


def _secret(endpoints: Endpoints, endpoint: Endpoint) -> EndpointSecret:
    return EndpointSecret(**_fields(endpoint), secret=endpoints.secret(endpoint))


def _instant(at: Any) -> str | None:
    return None if at is None else clock.rfc3339(at)


def _logged(row: Logged) -> DeliveryItem:
    return DeliveryItem(
        id=row.id,
        webhook_id=row.message,
        kind=row.kind,
        state=row.state,  # type: ignore[arg-type]  # the database knows these three only
        attempts=row.attempt_count,
        attempted_at=_instant(row.attempted_at),
        next_attempt_at=_instant(row.due_at),
        status=row.status,
        reason=row.reason,
        created_at=clock.rfc3339(row.created_at),
        payload=msgspec.json.decode(row.body),
    )


ROUTES = (
    add_endpoint,
    list_endpoints,
    read_endpoint,
    edit_endpoint,
    remove_endpoint,
    rotate_secret,
    list_deliveries,
    replay_delivery,
)
