"""What is free: the whole map, and what has changed since."""

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import FromPath, Parameter

from seatwright.contracts.catalog import EventId
from seatwright.kit.web.answers import Headers, Ready
from seatwright.kit.web.app import offered
from seatwright.reservations.service.availability import (
    Availability,
    AvailabilityDocument,
    Prepared,
)

_CACHED = "public, max-age=1"
_SHARED: Headers = (
    (b"cache-control", _CACHED.encode()),
    (b"vary", b"Accept, Accept-Encoding"),
)
_BINARY_HEADERS: Headers = ((b"content-type", b"application/octet-stream"), *_SHARED)
_JSON_HEADERS: Headers = ((b"content-type", b"application/json"), *_SHARED)
# Versions begin at milliseconds since 1970: this is the year 287,396.
_VERSION_MAX = 2**53


class ChangesView(msgspec.Struct, frozen=True, kw_only=True):
    """
    [version, state, seats] in order, up to `version`: ask again from there.

    With `resync` the changes are not known that far back, or the epoch is another one than that
    of your snapshot: take a new snapshot.
    """

    version: int
    epoch: str
    changes: list[tuple[int, int, list[int]]]
    resync: bool


@get(
    "/v1/events/{event_id:str}/availability",
    tags=["availability"],
    responses={
        200: ResponseSpec(
            AvailabilityDocument, description="At most a second old", generate_examples=False
        )
    },
)
async def get_availability(
    request: Request[Any, Any, Any], event_id: FromPath[str]
) -> Response[bytes]:
    """
    Every place of an event: JSON, or binary with `Accept: application/octet-stream`.

    Binary: `SWAV`, format 1, three zero bytes, version (8 bytes, big-endian), places (4), four zero
    bytes, epoch (8 ASCII characters), then two bits a place.
    """
    prepared = await offered(request, Availability).of(EventId(event_id))
    return _answer(prepared, _accepted(request.scope["headers"]))


@get("/v1/events/{event_id:str}/availability/changes", tags=["availability"])
async def get_changes(
    request: Request[Any, Any, Any],
    event_id: FromPath[str],
    since: Annotated[int, Parameter(ge=0, le=_VERSION_MAX)],
) -> Response[ChangesView]:
    """What changed after the version `since`."""
    found = await offered(request, Availability).changes(EventId(event_id), since)
    complete = found.complete
    last = found.changes[-1].version if found.changes and complete else found.version
    view = ChangesView(
        version=last,
        epoch=found.epoch,
        changes=[
            (change.version, state, list(seats))
            for change in found.changes
            for state, seats in change.parts
        ]
        if complete
        else [],
        resync=not complete,
    )
    return Response(view, headers={"Cache-Control": _CACHED})


def _accepted(headers: Iterable[tuple[bytes, bytes]]) -> tuple[bool, bool, bytes]:
    # Binary wanted, gzip understood, If-None-Match: read raw, thousands of times a second.
    binary = zipped = False
    known = b""
    for name, value in headers:
        if name == b"accept":
            binary = b"application/octet-stream" in value
        elif name == b"accept-encoding":
            zipped = b"gzip" in value and b"gzip;q=0" not in value.replace(b" ", b"")
        elif name == b"if-none-match":
            known = value
    return binary, zipped, known


def _answer(prepared: Prepared, accepted: tuple[bool, bool, bytes]) -> Ready[bytes]:
    binary, zipped, known = accepted
    etag = (prepared.binary_etag if binary else prepared.etag).encode()
    headers = (*(_BINARY_HEADERS if binary else _JSON_HEADERS), (b"etag", etag))
    if known and etag in known:
        return Ready(b"", status_code=304, headers=headers)
    if zipped:
        content = prepared.binary_gzip if binary else prepared.json_gzip
        return Ready(content, status_code=200, headers=(*headers, (b"content-encoding", b"gzip")))
    content = prepared.binary if binary else prepared.json
    return Ready(content, status_code=200, headers=headers)


ROUTES = (get_availability, get_changes)
